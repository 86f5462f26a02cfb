import { createService } from 'holdfast/operations';
import { contractErrors } from 'holdfast/operations/business-errors/contract-errors';
import { apiHandler } from 'holdfast/operations/http/wrap-handler';

const show = apiHandler(contractErrors.CONTRACT_ERROR, (ctx) => { throw contractErrors.CONTRACT_NOT_FOUND({ contract: ctx['params'].id }); });
const errorFamilies = [{ area: { en: 'Contracts', zh: '合同' }, definitions: contractErrors.definitions }];
const service = createService({ name: 'leasing', version: '1.0.0', environment: process.env, errorFamilies, routes: (router) => void router.get('/contracts/:id', show) });
process.exitCode = await service.run(process);
