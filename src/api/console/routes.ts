import type { Router } from '@koa/router';
import { z } from 'zod';
import { hasActiveAdmin } from '../../catalog/accounts.ts';
import { HoldfastError } from '../../operations/errors.ts';
import type { ServiceContext, ServiceState } from '../../operations/http/service.ts';
import { validate } from '../../operations/http/validate.ts';
import { csrfField } from '../../operations/security/csrf.ts';
import type { ApiDependencies } from '../api-dependencies.ts';
import { Credentials } from '../sign-in/schema.ts';
import { signInByPassword, signOut } from '../sign-in/sign-in.ts';
import { waitingOf } from '../../operations/http/waiting.ts';
import { iconHandler, iconPath } from './icon.ts';
import { homePage, signInPage } from './pages.ts';
import { schedulesFor } from './schedules.ts';

const SignInForm = Credentials.extend({ [csrfField]: z.string().optional() });

/** The pages: everything on them works without scripts. */
export function addConsoleRoutes(router: Router<ServiceState>, dependencies: ApiDependencies): void {
  const { cluster, csrf, health, now } = dependencies;

  const showSignIn = async (ctx: ServiceContext, tried: { readonly name?: string; readonly refusal?: HoldfastError } = {}): Promise<void> => {
    const hasAdmin = await hasActiveAdmin(dependencies, waitingOf(ctx));
    show(ctx, signInPage({ language: ctx.state.language, csrfToken: csrf.token(ctx), hasAdmin, ...tried }));
  };

  router.get(iconPath, iconHandler());

  router.get('/', async (ctx) => {
    const { principal, language } = ctx.state;
    if (principal === undefined) {
      seeOther(ctx, '/sign-in');
      return;
    }
    show(ctx, homePage({ language, principal, csrfToken: csrf.token(ctx), health: health.report(), schedules: cluster && await schedulesFor(cluster, ctx, now()) }));
  });

  router.get('/sign-in', async (ctx) => {
    if (ctx.state.principal !== undefined) seeOther(ctx, '/');
    else await showSignIn(ctx);
  });

  router.post('/sign-in', async (ctx) => {
    const { name, password } = validate(SignInForm, ctx.request.body);
    try {
      await signInByPassword(dependencies, ctx, { name, password });
    } catch (refusal) {
      // What the person can do something about is said beside the form; all else is an error like any other.
      if (!(refusal instanceof HoldfastError) || refusal.status >= 500) throw refusal;
      ctx.status = refusal.status;
      ctx.state.errorCode = refusal.code;
      await showSignIn(ctx, { name, refusal });
      return;
    }
    seeOther(ctx, '/');
  });

  router.post('/sign-out', async (ctx) => {
    await signOut(dependencies, ctx);
    seeOther(ctx, '/sign-in');
  });
}

function show(ctx: ServiceContext, page: string): void {
  ctx.vary('Accept-Language, Cookie');
  ctx.set('Content-Language', ctx.state.language);
  ctx.type = 'html';
  ctx.body = page;
}

/** After a form, so that reloading the next page does not send it again (RFC 9110 §15.4.4). */
function seeOther(ctx: ServiceContext, path: string): void {
  ctx.redirect(path);
  ctx.status = 303;
}
