import { contractErrors } from 'holdfast/operations/business-errors/contract-errors';
import { html } from 'holdfast/operations/html';
import { renderPage } from 'holdfast/operations/http/page';
import type { ServiceContext } from 'holdfast/operations/http/service';
import { apiHandler, guarded } from 'holdfast/operations/http/wrap-handler';
import type { AddRoutes } from './area.ts';

const texts = {
  title: { en: 'Contract', zh: '合同' },
  tenant: { en: 'Tenant', zh: '租户' },
  ends: { en: 'Ends on', zh: '到期日' },
};

interface Contract {
  readonly id: string;
  readonly tenant: string;
  readonly ends: string;
}

export const addContractRoutes: AddRoutes = (router, { books, guard }) => {
  const findContract = (contract: string): Contract => {
    const found = books.prepare('select id, tenant, ends from contract where id = ?').get(contract) as Contract | undefined;
    if (found === undefined) throw contractErrors.CONTRACT_NOT_FOUND({ contract });
    return found;
  };

  const amend = guarded(contractErrors.CONTRACT_ERROR, { task: 'amend contract', ...guard }, (contract: string) => {
    const { ends } = findContract(contract);
    if (ends < new Date().toISOString()) throw contractErrors.CONTRACT_EXPIRED({ contract, end: ends });
    return { contract, amended: true };
  });

  router.post('/api/contracts/:contract/amendments', apiHandler(contractErrors.CONTRACT_ERROR, async (ctx) => {
    ctx.body = await amend(String(ctx['params'].contract));
  }));

  // A page's handler: its errors are pages as well, as its reader asks for one.
  router.get('/contracts/:contract', guarded(contractErrors.CONTRACT_ERROR, { task: 'contract page', ...guard }, (ctx: ServiceContext) => {
    const { language } = ctx.state;
    const { id, tenant, ends } = findContract(String(ctx['params'].contract));
    const content = html`<main><h1>${texts.title[language]} ${id}</h1><dl><dt>${texts.tenant[language]}</dt><dd>${tenant}</dd><dt>${texts.ends[language]}</dt><dd>${ends}</dd></dl></main>`;
    ctx.type = 'html';
    ctx.body = renderPage({ title: `${texts.title[language]} ${id}`, language, content });
  }));
};
