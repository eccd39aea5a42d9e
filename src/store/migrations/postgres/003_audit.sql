-- Who did what to whom, from where. Names are copied: an entry outlives those it speaks of.
CREATE TABLE audit (
  namespace TEXT NOT NULL,
  id TEXT NOT NULL,
  at BIGINT NOT NULL,
  actor_id TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  acting_as_id TEXT,              -- the user as whom an admin acted
  action TEXT NOT NULL,
  subject_kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  subject_name TEXT NOT NULL,
  address TEXT NOT NULL,
  detail TEXT NOT NULL DEFAULT '{}',
  PRIMARY KEY (namespace, id)
);
CREATE INDEX audit_by_time ON audit (namespace, at, id);
CREATE INDEX audit_by_actor ON audit (namespace, actor_id, at);
CREATE INDEX audit_by_subject ON audit (namespace, subject_id, at);
