import { storeErrors } from 'holdfast/operations/business-errors/store-errors';
import { apiHandler, guarded } from 'holdfast/operations/http/wrap-handler';
import type { AddRoutes } from './area.ts';

export const addShopRoutes: AddRoutes = (router, { books, guard }) => {
  const close = guarded(storeErrors.STORE_ERROR, { task: 'close shop', ...guard }, (shop: string) => {
    if (books.prepare('select id from shop where id = ?').get(shop) === undefined) throw storeErrors.SHOP_NOT_FOUND({ shop });
    const { count } = books.prepare('select count(*) as count from contract where shop = ?').get(shop) as { count: number };
    if (count > 0) throw storeErrors.SHOP_HAS_CONTRACTS({ shop, count });
    books.prepare('update shop set open = 0 where id = ?').run(shop);
  });

  router.delete('/api/shops/:shop', apiHandler(storeErrors.STORE_ERROR, async (ctx) => {
    await close(String(ctx['params'].shop));
    ctx.status = 204;
  }));
};
