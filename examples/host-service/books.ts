import { DatabaseSync } from 'node:sqlite';

export type Books = DatabaseSync;

/** The back office's books: in memory, so that the example needs nothing else. A real one has PostgreSQL here. */
export function openBooks(): Books {
  const books = new DatabaseSync(':memory:');
  books.exec(`
    create table contract (id text primary key, shop text, tenant text, ends text);
    insert into contract values ('C-7', 'SH-1', 'Lotus Tea', '2023-12-31'), ('C-8', 'SH-1', 'Corner Books', '2099-12-31');
    create table bill (id text primary key, year integer, due integer, settled integer);
    insert into bill values ('B-1', 2026, 120000, 0), ('B-2', 2026, 88000, 1);
    create table contact (name text primary key, mail text);
    insert into contact values ('Lotus Tea', 'lotus@example.com'), ('Corner Books', null);
    create table task (id text primary key, assignee text);
    insert into task values ('T-1', null), ('T-2', 'Li Na');
    create table shop (id text primary key, open integer);
    insert into shop values ('SH-1', 1), ('SH-2', 1);`);
  return books;
}
