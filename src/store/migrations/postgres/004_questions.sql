-- The question bank, what learners submit to it, and the points that they get. Authors' documents are kept as they
-- were written: what is in columns besides is what the database itself has to know.
CREATE TABLE question_schemas (
  namespace TEXT NOT NULL,
  id TEXT NOT NULL,
  document TEXT NOT NULL,         -- YAML, scripts and datasets included
  version BIGINT NOT NULL,        -- 1, 2, … with each change, deleting included
  author_id TEXT,                 -- absent: it was shipped or imported
  shipped_digest TEXT,            -- of the document as it was shipped: another one was edited
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (namespace, id)
);

CREATE TABLE questions (
  namespace TEXT NOT NULL,
  number BIGINT NOT NULL,
  slug TEXT NOT NULL,
  schema_id TEXT NOT NULL,
  document TEXT NOT NULL,         -- YAML
  difficulty TEXT NOT NULL,
  category TEXT NOT NULL,
  visibility TEXT NOT NULL,
  version BIGINT NOT NULL,
  author_id TEXT,
  shipped_digest TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (namespace, number),
  UNIQUE (namespace, slug),
  FOREIGN KEY (namespace, schema_id) REFERENCES question_schemas (namespace, id)
);
CREATE INDEX questions_by_schema ON questions (namespace, schema_id);

-- Guests are in no table, so that user_id refers to none.
CREATE TABLE submissions (
  namespace TEXT NOT NULL,
  id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  question_number BIGINT NOT NULL,
  question_version BIGINT NOT NULL,
  query TEXT NOT NULL,
  rule TEXT NOT NULL,             -- 'same', or why it did not pass
  passed BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (namespace, id),
  FOREIGN KEY (namespace, question_number) REFERENCES questions (namespace, number)
);
CREATE INDEX submissions_by_user ON submissions (namespace, user_id, created_at, id);
CREATE INDEX submissions_by_question ON submissions (namespace, question_number, created_at, id);

-- Where one user is with one question.
CREATE TABLE question_progress (
  namespace TEXT NOT NULL,
  user_id TEXT NOT NULL,
  question_number BIGINT NOT NULL,
  submission_count BIGINT NOT NULL DEFAULT 0,
  passed_at BIGINT,               -- first
  gave_up_at BIGINT,
  hints_opened BIGINT NOT NULL DEFAULT 0,
  last_query TEXT,
  PRIMARY KEY (namespace, user_id, question_number),
  FOREIGN KEY (namespace, question_number) REFERENCES questions (namespace, number)
);
CREATE INDEX question_progress_by_question ON question_progress (namespace, question_number);

-- Who solved a question before all others: one row, whoever comes at the same time.
CREATE TABLE first_solvers (
  namespace TEXT NOT NULL,
  question_number BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  solved_at BIGINT NOT NULL,
  PRIMARY KEY (namespace, question_number),
  FOREIGN KEY (namespace, question_number) REFERENCES questions (namespace, number)
);

-- The ledger. Its key is why nothing is ever granted twice.
CREATE TABLE point_grants (
  namespace TEXT NOT NULL,
  user_id TEXT NOT NULL,
  kind TEXT NOT NULL,             -- 'solved', 'first', 'daily'
  subject TEXT NOT NULL,          -- the number of a question, or a day
  points BIGINT NOT NULL,
  granted_at BIGINT NOT NULL,
  PRIMARY KEY (namespace, user_id, kind, subject)
);
CREATE INDEX point_grants_by_time ON point_grants (namespace, granted_at);
