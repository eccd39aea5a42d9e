-- Databases outside, that admins have registered for everybody with an account to read.
CREATE TABLE external_databases (
  namespace TEXT NOT NULL,
  name TEXT NOT NULL,
  engine TEXT NOT NULL,
  dsn TEXT NOT NULL,              -- with its password: never shown, never logged
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (namespace, name)
);
