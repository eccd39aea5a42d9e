-- Who there is, how they prove it, and what they were invited by. Times are milliseconds since
-- 1970. A secret is never stored, only its SHA-256 in hexadecimal.
CREATE TABLE users (
  namespace TEXT NOT NULL,
  id TEXT NOT NULL,
  role TEXT NOT NULL,
  name TEXT,                      -- to sign in with; NULL for who comes through a provider only
  name_key TEXT,                  -- the name, folded: two names that look alike are one
  display_name TEXT NOT NULL,
  email TEXT,
  password_hash TEXT,             -- PHC string; NULL: no sign-in by password
  language TEXT NOT NULL DEFAULT '',
  theme TEXT NOT NULL DEFAULT '',
  disabled BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  PRIMARY KEY (namespace, id),
  UNIQUE (namespace, name_key)
);

-- A user as a provider of identities knows them.
CREATE TABLE identities (
  namespace TEXT NOT NULL,
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  user_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (namespace, issuer, subject),
  FOREIGN KEY (namespace, user_id) REFERENCES users (namespace, id) ON DELETE CASCADE
);
CREATE INDEX identities_of_user ON identities (namespace, user_id);

CREATE TABLE sessions (
  namespace TEXT NOT NULL,
  id TEXT NOT NULL,
  secret_hash TEXT NOT NULL,
  user_id TEXT NOT NULL,
  acting_admin_id TEXT,           -- the admin who acts as the user; NULL: the user themselves
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  address TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  PRIMARY KEY (namespace, id),
  UNIQUE (namespace, secret_hash),
  FOREIGN KEY (namespace, user_id) REFERENCES users (namespace, id) ON DELETE CASCADE
);
CREATE INDEX sessions_of_user ON sessions (namespace, user_id);
CREATE INDEX sessions_by_expiry ON sessions (namespace, expires_at);

CREATE TABLE api_tokens (
  namespace TEXT NOT NULL,
  id TEXT NOT NULL,
  secret_hash TEXT NOT NULL,
  user_id TEXT NOT NULL,
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,           -- separated by spaces
  created_at BIGINT NOT NULL,
  expires_at BIGINT,             -- NULL: never
  used_at BIGINT,
  PRIMARY KEY (namespace, id),
  UNIQUE (namespace, secret_hash),
  FOREIGN KEY (namespace, user_id) REFERENCES users (namespace, id) ON DELETE CASCADE
);
CREATE INDEX api_tokens_of_user ON api_tokens (namespace, user_id);

-- Links that let somebody in: first_admin, invitation, reset.
CREATE TABLE links (
  namespace TEXT NOT NULL,
  id TEXT NOT NULL,
  secret_hash TEXT NOT NULL,
  purpose TEXT NOT NULL,
  role TEXT NOT NULL,             -- that an invitation gives
  class_id TEXT,                  -- that an invitation leads into
  user_id TEXT,                   -- whose password a reset is for
  note TEXT NOT NULL DEFAULT '',  -- whom it was made for
  created_by TEXT,                -- NULL: the server itself
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  uses_left BIGINT NOT NULL,
  PRIMARY KEY (namespace, id),
  UNIQUE (namespace, secret_hash),
  FOREIGN KEY (namespace, user_id) REFERENCES users (namespace, id) ON DELETE CASCADE
);

-- A guest's belongings that an account has claimed and not yet wholly got.
CREATE TABLE claims (
  namespace TEXT NOT NULL,
  guest_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (namespace, guest_id),
  FOREIGN KEY (namespace, user_id) REFERENCES users (namespace, id) ON DELETE CASCADE
);
