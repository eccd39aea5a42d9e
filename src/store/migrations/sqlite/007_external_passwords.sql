-- The password of a registered database leaves its dsn, sealed by the server's secret. Those that
-- are here already have it in their dsn until the next start of a server, which seals them.
ALTER TABLE external_databases ADD COLUMN password TEXT NOT NULL DEFAULT '';
