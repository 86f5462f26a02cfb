-- A database with every kind of object and the names and values that are easiest to get wrong. Runs as a superuser in an
-- empty UTF8 database of PostgreSQL 15 or newer, without any contrib module; psql or one simple query can run it.
-- It makes two roles where they are missing and leaves them.

SET client_min_messages = warning;
SET search_path = public;

-- Roles belong to the whole server: other tests may make them at this moment.
DO $$
DECLARE role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['sample_owner', 'sample "reader" ''s'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I', role_name);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
  END LOOP;
END $$;

-- Schemas and names ---------------------------------------------------------------------------------------------------

CREATE SCHEMA "Mixed Case" AUTHORIZATION sample_owner;
CREATE SCHEMA "select";
CREATE SCHEMA empty_schema;
COMMENT ON SCHEMA "select" IS 'a keyword; and a ''quoted'' "comment" with \ and
two lines';

CREATE TABLE "Mixed Case"."Quoted ""Table""" ("Id" integer PRIMARY KEY, "two
lines" text, "semi;colon" text, "per%cent $1 :name" text, "日本語" text, "'); --" text DEFAULT 'o''clock');
INSERT INTO "Mixed Case"."Quoted ""Table""" VALUES (1, E'a\nb', ';', '%s', '値', NULL), (2, NULL, NULL, NULL, NULL, '\');
CREATE TABLE "select"."line
break" ("from" integer, "where" text);
INSERT INTO "select"."line
break" SELECT i, 'row ' || i FROM generate_series(1, 5) AS i;
CREATE TABLE "select"."tab	and \backslash" (a integer);
INSERT INTO "select"."tab	and \backslash" VALUES (1);
CREATE TABLE public.sixty_three_bytes_long_name_of_a_table_that_is_cut_nowhere_____ (a_column_whose_name_is_sixty_three_bytes_long__________________ integer);
INSERT INTO public.sixty_three_bytes_long_name_of_a_table_that_is_cut_nowhere_____ VALUES (63);
CREATE TABLE public."表一二三四五六七八九十一二三四五六七八九十" (a integer);
INSERT INTO public."表一二三四五六七八九十一二三四五六七八九十" VALUES (1), (2);
CREATE TABLE public."TABLE" ("COPY" text);
INSERT INTO public."TABLE" VALUES ('copy');
CREATE TABLE public."-- comment" (a integer);
CREATE TABLE public.empty_table (a integer, b text);

-- Tables without columns to copy have rows all the same.
CREATE TABLE public.no_columns ();
INSERT INTO public.no_columns SELECT FROM generate_series(1, 3);
CREATE TABLE public.only_generated (a integer GENERATED ALWAYS AS (42) STORED);
INSERT INTO public.only_generated SELECT FROM generate_series(1, 4);

CREATE TABLE public.dropped_columns (gone integer, kept text, gone_too text, late integer);
INSERT INTO public.dropped_columns VALUES (1, 'kept', 'gone', 2);
ALTER TABLE public.dropped_columns DROP COLUMN gone, DROP COLUMN gone_too;
ALTER TABLE public.dropped_columns ADD COLUMN with_default timestamptz DEFAULT '2024-01-01 00:00:00+00';

-- Types ---------------------------------------------------------------------------------------------------------------

CREATE TYPE public.mood AS ENUM ('sad', 'ok', 'happy', 'it''s "odd"', '高兴');
CREATE DOMAIN public.email AS text CONSTRAINT has_at CHECK (VALUE ~ '@') ;
CREATE DOMAIN public.positive AS integer DEFAULT 1 NOT NULL CHECK (VALUE > 0);
CREATE TYPE public.address AS (street text, "House No" integer, tags text[]);
CREATE DOMAIN public.domain_over_composite AS public.address CHECK ((VALUE).street <> '');
CREATE TYPE public.float_range AS RANGE (subtype = float8, subtype_diff = float8mi, multirange_type_name = public.float_ranges);
CREATE TYPE public.shell_type;
CREATE COLLATION public.sample_collation FROM "C";

CREATE TABLE public.typed OF public.address (street WITH OPTIONS DEFAULT 'Main', PRIMARY KEY (street));
INSERT INTO public.typed VALUES ('One', 1, '{a,"b c",NULL}');

CREATE TABLE public.every_type (
  id bigint PRIMARY KEY, small smallint, real4 real, real8 double precision, exact numeric, exact2 numeric(20, 5), cash money,
  yes boolean, letter char(5), name_type name, words text COLLATE "C", words2 varchar(10) COLLATE public.sample_collation, bytes bytea,
  day date, clock time, clock_zone timetz, moment timestamp, moment_zone timestamptz, span interval,
  ip inet, net cidr, mac macaddr, mac8 macaddr8, id2 uuid, bits bit(3), varbits varbit, lexemes tsvector, question tsquery,
  document json, binary_document jsonb, path jsonpath, spot point, edge line, segment lseg, frame box, way path, area polygon, round circle,
  whole int4range, wholes int8multirange, period tstzrange, floats public.float_range, float_set public.float_ranges,
  feeling public.mood, feelings public.mood[], mail public.email, home public.address, homes public.address[], careful public.domain_over_composite,
  grid integer[][], texts text[], lsn pg_lsn, transaction xid8, one_char "char", object regclass
);
INSERT INTO public.every_type VALUES (
  1, -32768, 'NaN', '-Infinity', 12345678901234567890.123456789012345678901234567890, 1.5, '12.34', true, 'ab', 'name', 'ÄÖÜ', 'x', '\x00ff5c0a0d09',
  '4713-01-01 BC', '24:00:00', '12:00:00+05:30', 'infinity', '-infinity', '-1 year 2 months -3 days 04:05:06.789',
  '::1/128', '10.0.0.0/8', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', '00000000-0000-4000-8000-000000000000', B'101', B'', 'a:1A fat:2B', 'fat & !rat',
  '{"a" : 1,  "a":2}', '{"b": [1, null, "\u00e9\\"]}', '$.a[*] ? (@ > 1)', '(1,2)', '{1,2,3}', '[(0,0),(1,1)]', '(1,1),(0,0)', '[(0,0),(1,1)]', '((0,0),(1,1),(1,0))', '<(0,0),1>',
  '[1,5)', '{[1,3),[7,9)}', '[2024-01-01 00:00:00+00,)', '[1.5,2.5]', '{[1,2],(3,4)}',
  'it''s "odd"', '{sad,NULL,高兴}', 'a@b', '("Main ""St""",7,"{x,y}")', ARRAY[ROW('A', 1, NULL)::public.address], ROW('S', NULL, '{}'),
  '{{1,2},{3,4}}', ARRAY['', NULL, 'NULL', '"', '\', ',', '{}'], '16/B374D848', '123', 'c', 'public.typed'
);
INSERT INTO public.every_type (id) VALUES (2);
INSERT INTO public.every_type (id, real8, exact, day, moment_zone, grid) VALUES (3, 0.1 + 0.2, 'NaN', 'infinity', '2024-03-31 02:30:00+01', '[0:1]={5,6}');

-- Values that COPY's text format must escape.
CREATE TABLE public.hostile_text (id integer PRIMARY KEY, words text);
INSERT INTO public.hostile_text VALUES
  (1, ''), (2, NULL), (3, '\N'), (4, '\.'), (5, E'\\.\n\\.'), (6, E'tab\tnewline\nreturn\rboth\r\nbackspace\bfeed\fvertical\v'), (7, '\\'), (8, E'\x01\x7f'),
  (9, 'emoji 😀 combining é right-to-left עברית'), (10, E'\n'), (11, '\n'), (12, ' leading and trailing '), (13, repeat('long ', 20000)), (14, 'NULL'), (15, E'\\');

-- Defaults, identities, sequences -------------------------------------------------------------------------------------

CREATE TABLE public.identities (
  always integer GENERATED ALWAYS AS IDENTITY (START WITH 100 INCREMENT BY 7 MAXVALUE 100000 CYCLE) PRIMARY KEY,
  by_default bigint GENERATED BY DEFAULT AS IDENTITY (START WITH -5 MINVALUE -10 CACHE 3),
  counted serial,
  doubled integer GENERATED ALWAYS AS (counted * 2) STORED,
  stamp text DEFAULT 'now: ' || 1
);
INSERT INTO public.identities (by_default) SELECT i FROM generate_series(1, 10) AS i;
INSERT INTO public.identities (stamp) VALUES ('by default');
CREATE SEQUENCE public.odd_sequence AS smallint INCREMENT BY -3 MINVALUE -100 MAXVALUE 10 START WITH 7 CACHE 5 CYCLE;
SELECT nextval('public.odd_sequence');
CREATE SEQUENCE public.not_called START WITH 42;
CREATE SEQUENCE public.not_called_moved;
SELECT setval('public.not_called_moved', 17, false);
CREATE SEQUENCE public.at_the_end MAXVALUE 3;
SELECT setval('public.at_the_end', 3);
CREATE SEQUENCE "Mixed Case"."Sequence of 'quotes' and "" and \
lines" START WITH 9223372036854775000;
SELECT nextval(pg_get_serial_sequence('public.identities', 'counted'));
CREATE UNLOGGED SEQUENCE public.unlogged_sequence;
SELECT setval('public.unlogged_sequence', 5);
CREATE TABLE public.shares_sequence (id bigint DEFAULT nextval('public.not_called') PRIMARY KEY);
ALTER SEQUENCE public.not_called OWNED BY public.shares_sequence.id;

-- Inheritance and partitions ------------------------------------------------------------------------------------------

CREATE TABLE public.parent (id integer PRIMARY KEY, words text, CONSTRAINT short CHECK (length(words) < 100));
CREATE TABLE public.child (more integer) INHERITS (public.parent);
CREATE TABLE public.second_parent (other integer);
CREATE TABLE public.child_of_two () INHERITS (public.parent, public.second_parent);
INSERT INTO public.parent VALUES (1, 'parent only');
INSERT INTO public.child VALUES (2, 'child', 22);
INSERT INTO public.child_of_two VALUES (3, 'of two', 33);

CREATE TABLE public.by_list (area text, id integer, words text) PARTITION BY LIST (area);
CREATE TABLE public.by_list_eu PARTITION OF public.by_list FOR VALUES IN ('de', 'fr', NULL) PARTITION BY RANGE (id);
CREATE TABLE public.by_list_eu_low PARTITION OF public.by_list_eu FOR VALUES FROM (MINVALUE) TO (100);
CREATE TABLE public.by_list_eu_high PARTITION OF public.by_list_eu FOR VALUES FROM (100) TO (MAXVALUE);
CREATE TABLE public.by_list_other PARTITION OF public.by_list DEFAULT;
INSERT INTO public.by_list SELECT (ARRAY['de', 'fr', 'us', NULL])[i % 4 + 1], i, 'row ' || i FROM generate_series(1, 200) AS i;
CREATE INDEX ON public.by_list (id);
CREATE TABLE public.by_hash (id integer PRIMARY KEY, words text) PARTITION BY HASH (id);
CREATE TABLE public.by_hash_0 PARTITION OF public.by_hash FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE "Mixed Case"."by hash 1" PARTITION OF public.by_hash FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO public.by_hash SELECT i, md5(i::text) FROM generate_series(1, 100) AS i;
-- Hashes of enum values depend on their oids: rows belong to other partitions after a restore.
CREATE TABLE public.by_enum_hash (feeling public.mood, id integer) PARTITION BY HASH (feeling);
CREATE TABLE public.by_enum_hash_0 PARTITION OF public.by_enum_hash FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE public.by_enum_hash_1 PARTITION OF public.by_enum_hash FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE public.by_enum_hash_2 PARTITION OF public.by_enum_hash FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO public.by_enum_hash SELECT (enum_range(NULL::public.mood))[i % 5 + 1], i FROM generate_series(1, 50) AS i;
-- So do hashes of what holds enum values, and of names of objects.
CREATE TYPE public.felt AS (feeling public.mood, id integer);
CREATE TABLE public.by_containers_hash (feelings public.mood[], felt public.felt, object regclass) PARTITION BY HASH (feelings, felt, object);
CREATE TABLE public.by_containers_hash_0 PARTITION OF public.by_containers_hash FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE public.by_containers_hash_1 PARTITION OF public.by_containers_hash FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO public.by_containers_hash
  SELECT ARRAY[feeling], ROW(feeling, i)::public.felt, (ARRAY['public.parent', 'public.child'])[i % 2 + 1]::regclass
  FROM generate_series(1, 50) AS i, LATERAL (SELECT (enum_range(NULL::public.mood))[i % 5 + 1]) AS felt (feeling);
CREATE TABLE public.by_expression (moment timestamp NOT NULL, id integer) PARTITION BY RANGE (date_trunc('year', moment), id);
CREATE TABLE public.by_expression_2024 (id integer, extra_dropped integer, moment timestamp NOT NULL);
ALTER TABLE public.by_expression_2024 DROP COLUMN extra_dropped;
ALTER TABLE public.by_expression ATTACH PARTITION public.by_expression_2024 FOR VALUES FROM ('2024-01-01', MINVALUE) TO ('2025-01-01', MINVALUE);
INSERT INTO public.by_expression VALUES ('2024-05-05', 1), ('2024-12-31 23:59:59', 2);
CREATE TABLE public.no_partitions (id integer) PARTITION BY RANGE (id);

-- Storage -------------------------------------------------------------------------------------------------------------

CREATE UNLOGGED TABLE public.unlogged (id integer PRIMARY KEY, words text);
INSERT INTO public.unlogged VALUES (1, 'unlogged');
CREATE TABLE public.stored (id integer, wide text, outside text, plain_column text, packed text COMPRESSION pglz)
  WITH (fillfactor = 70, autovacuum_enabled = false, autovacuum_vacuum_scale_factor = 0.01, toast.autovacuum_enabled = false);
ALTER TABLE public.stored ALTER COLUMN outside SET STORAGE EXTERNAL, ALTER COLUMN wide SET STATISTICS 500, ALTER COLUMN wide SET (n_distinct = -0.5);
INSERT INTO public.stored SELECT i, repeat(md5(i::text), 300), repeat(md5(i::text), 300), 'p', repeat('packed', 3000) FROM generate_series(1, 20) AS i;
CREATE ACCESS METHOD sample_heap TYPE TABLE HANDLER heap_tableam_handler;
CREATE TABLE public.other_access_method (a integer) USING sample_heap;
INSERT INTO public.other_access_method VALUES (1);

-- Constraints and indexes ---------------------------------------------------------------------------------------------

CREATE TABLE public.hen (id integer PRIMARY KEY, egg integer);
CREATE TABLE public.egg (id integer PRIMARY KEY, hen integer NOT NULL REFERENCES public.hen DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE public.hen ADD CONSTRAINT hen_egg FOREIGN KEY (egg) REFERENCES public.egg ON DELETE SET NULL (egg) ON UPDATE CASCADE DEFERRABLE;
INSERT INTO public.hen VALUES (1, NULL);
INSERT INTO public.egg VALUES (10, 1), (11, 1);
UPDATE public.hen SET egg = 10;
CREATE TABLE public.employee (id integer PRIMARY KEY, boss integer REFERENCES public.employee, name text UNIQUE NULLS NOT DISTINCT);
INSERT INTO public.employee VALUES (3, 3, 'c'), (1, 3, 'a'), (2, 1, NULL);
CREATE TABLE public.bookings (room integer, during tsrange, price public.positive, EXCLUDE USING gist (during WITH &&) WHERE (room = 1) DEFERRABLE);
INSERT INTO public.bookings VALUES (1, '[2024-01-01,2024-01-02)', 5), (1, '[2024-01-02,2024-01-03)', DEFAULT), (2, '[2024-01-01,2024-01-09)', 2);
-- A constraint that rows do not meet: it came later, and only for new ones.
CREATE TABLE public.not_valid (a integer, b integer, d text);
INSERT INTO public.not_valid VALUES (-1, 999, 'x');
ALTER TABLE public.not_valid ADD CONSTRAINT positive_a CHECK (a > 0) NOT VALID;
ALTER TABLE public.not_valid ADD CONSTRAINT some_hen FOREIGN KEY (b) REFERENCES public.hen NOT VALID;
CREATE DOMAIN public.late_domain AS text;
ALTER TABLE public.not_valid ADD COLUMN e public.late_domain DEFAULT 'lower';
ALTER DOMAIN public.late_domain ADD CONSTRAINT upper_only CHECK (VALUE = upper(VALUE)) NOT VALID;
CREATE TABLE public.indexed (id integer, words text, document jsonb, flag boolean, spot point);
INSERT INTO public.indexed SELECT i, md5(i::text), jsonb_build_object('i', i), i % 2 = 0, point(i, i) FROM generate_series(1, 500) AS i;
CREATE UNIQUE INDEX indexed_expression ON public.indexed ((lower(words)), id DESC NULLS LAST);
CREATE INDEX indexed_partial ON public.indexed (id) INCLUDE (words) WITH (fillfactor = 50) WHERE flag;
CREATE INDEX indexed_document ON public.indexed USING gin (document jsonb_path_ops);
CREATE INDEX indexed_spot ON public.indexed USING spgist (spot);
CREATE INDEX indexed_brin ON public.indexed USING brin (id) WITH (pages_per_range = 8);
CREATE INDEX "Index of ""quotes""" ON public.indexed USING hash (words);
CREATE STATISTICS public.correlated (ndistinct, dependencies, mcv) ON id, flag FROM public.indexed;
CREATE STATISTICS "Mixed Case"."of expressions" ON (id % 10), lower(words) FROM public.indexed;
ALTER STATISTICS public.correlated SET STATISTICS 200;
ALTER TABLE public.indexed CLUSTER ON indexed_expression;
ALTER TABLE public.hen REPLICA IDENTITY FULL;

-- Functions, operators, casts -----------------------------------------------------------------------------------------

CREATE FUNCTION public.double_it(integer) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT $1 * 2';
CREATE FUNCTION public.with_body(a integer, b integer DEFAULT 5) RETURNS TABLE (id integer, words text) LANGUAGE sql STABLE
  BEGIN ATOMIC SELECT i.id, i.words FROM public.indexed AS i WHERE i.id BETWEEN a AND b; END;
CREATE FUNCTION public."function ""quoted"" $body$"(VARIADIC parts text[]) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, "Mixed Case" COST 7 AS
$function$ BEGIN RETURN array_to_string(parts, $body$; '$body$); END $function$;
CREATE PROCEDURE public.proceed(INOUT a integer) LANGUAGE plpgsql AS 'BEGIN a := a + 1; COMMIT; END';
CREATE FUNCTION public.concat_state(text, text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce($1 || ',', '') || $2 $$;
CREATE AGGREGATE public.concat_all(text) (SFUNC = public.concat_state, STYPE = text, PARALLEL = SAFE);
CREATE AGGREGATE public.ordered(ORDER BY anyelement) (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = mode_final, FINALFUNC_EXTRA);
CREATE FUNCTION public.far_from(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT abs($1 - $2) > 10';
CREATE OPERATOR public.<!> (LEFTARG = integer, RIGHTARG = integer, FUNCTION = public.far_from, COMMUTATOR = OPERATOR(public.<!>));
CREATE OPERATOR FAMILY public.sample_family USING btree;
CREATE OPERATOR CLASS public.sample_class FOR TYPE integer USING btree FAMILY public.sample_family AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(integer, integer);
CREATE INDEX indexed_class ON public.indexed (id public.sample_class);
CREATE FUNCTION public.mood_number(public.mood) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT array_position(enum_range(NULL::public.mood), $1) $$;
CREATE CAST (public.mood AS integer) WITH FUNCTION public.mood_number(public.mood) AS ASSIGNMENT;
CREATE CONVERSION public.sample_conversion FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1;
CREATE TEXT SEARCH DICTIONARY public.sample_dictionary (TEMPLATE = simple, STOPWORDS = english);
CREATE TEXT SEARCH CONFIGURATION public.sample_search (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION public.sample_search ALTER MAPPING FOR asciiword WITH public.sample_dictionary, simple;
CREATE INDEX indexed_search ON public.indexed USING gin (to_tsvector('public.sample_search', words));
-- A check that calls a function which reads another table: met only when tables are filled in the right order, or checks come last.
CREATE FUNCTION public.is_even(integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 % 2 = 0';
CREATE TABLE public.checked_by_function (a integer CHECK (public.is_even(a)), b integer DEFAULT public.double_it(21));
INSERT INTO public.checked_by_function (a) VALUES (2), (4);

-- Views, rules, triggers ----------------------------------------------------------------------------------------------

CREATE VIEW public.plain_view AS SELECT id, words AS "Words of wisdom" FROM public.parent;
CREATE VIEW public.strict_view WITH (security_barrier = true, check_option = local, security_invoker = true) AS SELECT * FROM public.hostile_text WHERE id > 3;
CREATE RECURSIVE VIEW public.counting (n) AS SELECT 1 UNION ALL SELECT n + 1 FROM counting WHERE n < 5;
ALTER VIEW public.plain_view ALTER COLUMN id SET DEFAULT 7;
CREATE VIEW public.view_on_view AS SELECT * FROM public.plain_view NATURAL JOIN public.counting AS c (id);
CREATE MATERIALIZED VIEW public.z_first AS SELECT feeling, count(*) AS many FROM public.by_enum_hash GROUP BY 1;
CREATE UNIQUE INDEX ON public.z_first (feeling);
CREATE MATERIALIZED VIEW public.a_on_z_first WITH (fillfactor = 80) AS SELECT sum(many) AS total FROM public.z_first;
CREATE VIEW public.between_views AS SELECT total + 1 AS more FROM public.a_on_z_first;
CREATE MATERIALIZED VIEW "Mixed Case"."On a view ""quoted""" AS SELECT more * 2 AS twice FROM public.between_views;
CREATE MATERIALIZED VIEW public.unpopulated AS SELECT * FROM public.parent WITH NO DATA;
CREATE MATERIALIZED VIEW public.over_sequence AS SELECT last_value FROM public.odd_sequence;

CREATE TABLE public.logged (what text, at timestamptz DEFAULT '2024-01-01');
CREATE RULE log_insert AS ON INSERT TO public.hen DO ALSO INSERT INTO public.logged VALUES ('hen ' || NEW.id);
CREATE RULE no_delete AS ON DELETE TO public.employee WHERE OLD.id = 3 DO INSTEAD NOTHING;
ALTER TABLE public.employee DISABLE RULE no_delete;
CREATE FUNCTION public.log_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.logged (what) VALUES (TG_NAME || ' ' || TG_OP || coalesce(' ' || TG_ARGV[0], '')); RETURN NEW; END $$;
CREATE TRIGGER "before ""row""" BEFORE INSERT OR UPDATE OF words ON public.hostile_text FOR EACH ROW WHEN (NEW.id > 0) EXECUTE FUNCTION public.log_change('an ''argument''');
CREATE TRIGGER after_statement AFTER INSERT ON public.identities REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.log_change();
CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON public.bookings DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_change();
CREATE TRIGGER instead INSTEAD OF INSERT ON public.plain_view FOR EACH ROW EXECUTE FUNCTION public.log_change();
CREATE TRIGGER on_partitioned AFTER INSERT ON public.by_list FOR EACH ROW EXECUTE FUNCTION public.log_change();
CREATE TRIGGER disabled_one AFTER DELETE ON public.parent FOR EACH ROW EXECUTE FUNCTION public.log_change();
ALTER TABLE public.parent DISABLE TRIGGER disabled_one;
CREATE TRIGGER replica_one AFTER DELETE ON public.child FOR EACH ROW EXECUTE FUNCTION public.log_change();
ALTER TABLE public.child ENABLE REPLICA TRIGGER replica_one;

-- Rights --------------------------------------------------------------------------------------------------------------

ALTER TABLE public.hostile_text ENABLE ROW LEVEL SECURITY;
CREATE POLICY some_rows ON public.hostile_text AS RESTRICTIVE FOR SELECT TO "sample ""reader"" 's" USING (id < 5);
CREATE POLICY "All ""rows""" ON public.hostile_text USING (true) WITH CHECK (id > 0);
ALTER TABLE public.logged ENABLE ROW LEVEL SECURITY;
ALTER TABLE "Mixed Case"."Quoted ""Table""" OWNER TO sample_owner;
ALTER FUNCTION public.double_it(integer) OWNER TO sample_owner;
GRANT USAGE ON SCHEMA "Mixed Case" TO "sample ""reader"" 's" WITH GRANT OPTION;
GRANT SELECT, UPDATE (words) ON public.hostile_text TO "sample ""reader"" 's";
GRANT SELECT (id) ON public.parent TO PUBLIC;
GRANT ALL ON SEQUENCE public.odd_sequence TO sample_owner;
REVOKE EXECUTE ON FUNCTION public.double_it(integer) FROM PUBLIC;
GRANT USAGE ON TYPE public.mood TO sample_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO sample_owner;
ALTER DEFAULT PRIVILEGES FOR ROLE sample_owner IN SCHEMA "Mixed Case" GRANT SELECT ON TABLES TO "sample ""reader"" 's";
ALTER DEFAULT PRIVILEGES FOR ROLE sample_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- Elsewhere -----------------------------------------------------------------------------------------------------------

CREATE FOREIGN DATA WRAPPER sample_wrapper OPTIONS (note 'it''s');
CREATE SERVER sample_server TYPE 'none' VERSION '1' FOREIGN DATA WRAPPER sample_wrapper OPTIONS (host 'nowhere');
CREATE USER MAPPING FOR sample_owner SERVER sample_server OPTIONS (remote_user 'somebody');
CREATE FOREIGN TABLE public.far_away (id integer OPTIONS (column_name 'ID') NOT NULL, words text) SERVER sample_server OPTIONS (table_name 'far');
CREATE PUBLICATION sample_publication FOR TABLE public.parent, TABLE public.indexed (id, words) WHERE (id > 10) WITH (publish = 'insert, update');
CREATE PUBLICATION "Publication ""of schemas""" FOR TABLES IN SCHEMA "Mixed Case";
CREATE PUBLICATION of_everything FOR ALL TABLES WITH (publish_via_partition_root = true);
CREATE SUBSCRIPTION sample_subscription CONNECTION 'host=nowhere.invalid dbname=none' PUBLICATION sample_publication WITH (connect = false, slot_name = NONE);

SELECT lo_from_bytea(700001, '\x00010203');
SELECT lo_from_bytea(700002, decode(repeat('ab', 100000), 'hex'));
SELECT lo_create(700003);
COMMENT ON LARGE OBJECT 700001 IS 'a ''large'' object';
ALTER LARGE OBJECT 700002 OWNER TO sample_owner;
GRANT SELECT ON LARGE OBJECT 700001 TO "sample ""reader"" 's";

COMMENT ON TABLE public.parent IS E'line one\nline two; DROP TABLE parent; \\. -- end';
COMMENT ON COLUMN "Mixed Case"."Quoted ""Table"""."two
lines" IS 'column';
COMMENT ON INDEX public.indexed_partial IS 'index';
COMMENT ON CONSTRAINT short ON public.parent IS 'constraint';
COMMENT ON TRIGGER "before ""row""" ON public.hostile_text IS 'trigger';
COMMENT ON TYPE public.mood IS '类型';
COMMENT ON FUNCTION public.double_it(integer) IS 'function';

DO $$
BEGIN
  EXECUTE format('ALTER DATABASE %I SET search_path TO "$user", public, "Mixed Case", "we""ird"', current_database());
  EXECUTE format('ALTER DATABASE %I SET work_mem TO ''5MB''', current_database());
  EXECUTE format('ALTER DATABASE %I SET "sample.custom" TO ''it''''s \ odd''', current_database());
  EXECUTE format('ALTER ROLE sample_owner IN DATABASE %I SET statement_timeout TO ''1min''', current_database());
  EXECUTE format('COMMENT ON DATABASE %I IS ''a database''''s "comment"''', current_database());
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CREATE ON DATABASE %I TO sample_owner WITH GRANT OPTION', current_database());
  EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT 50', current_database());
END $$;

-- Last: from here on it sees every command.
CREATE FUNCTION public.see_command() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.logged (what) VALUES (tg_tag); END $$;
CREATE EVENT TRIGGER sample_event_trigger ON ddl_command_start WHEN TAG IN ('CREATE TABLE', 'CREATE INDEX', 'ALTER TABLE') EXECUTE FUNCTION public.see_command();
CREATE EVENT TRIGGER "sees ""refreshes""" ON ddl_command_end WHEN TAG IN ('REFRESH MATERIALIZED VIEW') EXECUTE FUNCTION public.see_command();
ALTER EVENT TRIGGER "sees ""refreshes""" ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER "sees ""refreshes""" IS 'writes them down';
CREATE EVENT TRIGGER disabled_event_trigger ON sql_drop EXECUTE FUNCTION public.see_command();
ALTER EVENT TRIGGER disabled_event_trigger DISABLE;
