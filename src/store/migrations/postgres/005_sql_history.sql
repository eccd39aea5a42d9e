-- What somebody ran in sessions with databases: each text once, as it was run last. Guests have it too.
CREATE TABLE sql_history (
  namespace TEXT NOT NULL,
  user_id TEXT NOT NULL,
  digest TEXT NOT NULL,           -- of the text
  text TEXT NOT NULL,
  text_bytes BIGINT NOT NULL,
  engine TEXT NOT NULL,
  database_name TEXT NOT NULL,    -- as the page calls it; '' when it does not
  ran_at BIGINT NOT NULL,
  elapsed_ms BIGINT NOT NULL,
  failed BIGINT NOT NULL,
  PRIMARY KEY (namespace, user_id, digest)
);
CREATE INDEX sql_history_by_time ON sql_history (namespace, user_id, ran_at, digest);
