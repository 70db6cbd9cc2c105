--@database apim
-- Gateway environments and their vhosts.

INSERT INTO apim_sequence (name, value) VALUES ('environment', 0);

CREATE TABLE am_gateway_environment (
  id BIGINT PRIMARY KEY,
  uuid {text} NOT NULL UNIQUE,
  organization {text} NOT NULL,
  name {text} NOT NULL,
  display_name {text} NOT NULL,
  description {text} NOT NULL,
  UNIQUE (organization, name)
);

CREATE TABLE am_gw_vhost (
  gateway_env_id BIGINT NOT NULL REFERENCES am_gateway_environment (id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  host {text} NOT NULL,
  PRIMARY KEY (gateway_env_id, host)
);
