import type { Router } from '@koa/router';
import type { ServiceState } from 'holdfast/operations/http/service';
import type { Guarding } from 'holdfast/operations/http/wrap-handler';
import type { Books } from './books.ts';

/** What an area works with. */
export interface Area {
  readonly books: Books;
  readonly guard: Omit<Guarding, 'task'>;
}

export type AddRoutes = (router: Router<ServiceState>, area: Area) => void;
