-- What needs contrib modules: extensions and what is made with them, foreign tables that can be read. Runs as a superuser in an empty database of a server with PostgreSQL's contrib modules.

SET client_min_messages = warning;

CREATE SCHEMA ext;
CREATE EXTENSION hstore WITH SCHEMA ext;
CREATE EXTENSION citext WITH SCHEMA ext;
CREATE EXTENSION pg_trgm WITH SCHEMA ext;
CREATE EXTENSION btree_gist WITH SCHEMA public;
CREATE EXTENSION file_fdw WITH SCHEMA ext;
CREATE EXTENSION postgres_fdw WITH SCHEMA ext;
CREATE EXTENSION "uuid-ossp" WITH SCHEMA ext;

CREATE TABLE public.members (id integer PRIMARY KEY, name ext.citext UNIQUE, facts ext.hstore, key uuid DEFAULT ext.uuid_generate_v4());
INSERT INTO public.members SELECT i, 'Member ' || i, ext.hstore('n', i::text), md5(i::text)::uuid FROM generate_series(1, 100) AS i;
CREATE INDEX members_name ON public.members USING gin ((name::text) ext.gin_trgm_ops);
CREATE TABLE public.stays (room integer, during tstzrange, EXCLUDE USING gist (room WITH =, during WITH &&));
INSERT INTO public.stays VALUES (1, '[2024-01-01,2024-01-05)'), (2, '[2024-01-01,2024-01-05)');

CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE public.version_file (line text) SERVER files OPTIONS (filename '/etc/hostname', format 'text');
CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'nowhere.invalid', dbname 'none');
CREATE USER MAPPING FOR CURRENT_USER SERVER elsewhere OPTIONS (user 'somebody');
CREATE FOREIGN TABLE public.elsewhere (id integer) SERVER elsewhere;
