-- Classes, who is in them, and what roles and classes may use. NULL in a quota: not limited here.
CREATE TABLE classes (
  namespace TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  teacher_id TEXT NOT NULL,
  join_code TEXT NOT NULL,
  joinable INTEGER NOT NULL DEFAULT 1,
  sandboxes_max INTEGER,
  memory_max_bytes INTEGER,
  lifetime_max_s INTEGER,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (namespace, id),
  UNIQUE (namespace, join_code),
  FOREIGN KEY (namespace, teacher_id) REFERENCES users (namespace, id)
) STRICT;
CREATE INDEX classes_of_teacher ON classes (namespace, teacher_id);

CREATE TABLE class_members (
  namespace TEXT NOT NULL,
  class_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  joined_at INTEGER NOT NULL,
  PRIMARY KEY (namespace, class_id, user_id),
  FOREIGN KEY (namespace, class_id) REFERENCES classes (namespace, id) ON DELETE CASCADE,
  FOREIGN KEY (namespace, user_id) REFERENCES users (namespace, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX classes_of_member ON class_members (namespace, user_id);

CREATE TABLE role_quotas (
  namespace TEXT NOT NULL,
  role TEXT NOT NULL,
  sandboxes_max INTEGER,
  memory_max_bytes INTEGER,
  lifetime_max_s INTEGER,
  PRIMARY KEY (namespace, role)
) STRICT;
