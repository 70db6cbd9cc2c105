--@database shared
-- Tenants, users and roles.

CREATE TABLE um_sequence (
  name {text} PRIMARY KEY,
  value BIGINT NOT NULL
);
INSERT INTO um_sequence (name, value) VALUES ('tenant', 0), ('user', 0), ('role', 0);

CREATE TABLE um_tenant (
  um_id BIGINT PRIMARY KEY,
  um_domain_name {text} NOT NULL UNIQUE,
  um_active BIGINT NOT NULL
);

-- um_user_key is the name in lower case: names differ by more than case.
CREATE TABLE um_user (
  um_id BIGINT PRIMARY KEY,
  um_tenant_id BIGINT NOT NULL REFERENCES um_tenant (um_id),
  um_user_name {text} NOT NULL,
  um_user_key {text} NOT NULL,
  um_user_password {text} NOT NULL,
  um_locked BIGINT NOT NULL,
  UNIQUE (um_tenant_id, um_user_key)
);

CREATE TABLE um_role (
  um_id BIGINT PRIMARY KEY,
  um_tenant_id BIGINT NOT NULL REFERENCES um_tenant (um_id),
  um_role_name {text} NOT NULL,
  UNIQUE (um_tenant_id, um_role_name)
);

CREATE TABLE um_user_role (
  um_user_id BIGINT NOT NULL REFERENCES um_user (um_id) ON DELETE CASCADE,
  um_role_id BIGINT NOT NULL REFERENCES um_role (um_id),
  um_tenant_id BIGINT NOT NULL,
  PRIMARY KEY (um_user_id, um_role_id)
);
