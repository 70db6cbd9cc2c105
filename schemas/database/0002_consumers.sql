--@database apim
-- Applications, subscriptions and API keys.

INSERT INTO apim_sequence (name, value) VALUES
  ('subscriber', 0), ('application', 0), ('subscription', 0);

CREATE TABLE am_subscriber (
  subscriber_id BIGINT PRIMARY KEY,
  organization {text} NOT NULL,
  user_id {text} NOT NULL,
  created_time BIGINT NOT NULL,
  UNIQUE (organization, user_id)
);

CREATE TABLE am_application (
  application_id BIGINT PRIMARY KEY,
  uuid {text} NOT NULL UNIQUE,
  organization {text} NOT NULL,
  subscriber_id BIGINT NOT NULL REFERENCES am_subscriber (subscriber_id),
  name {text} NOT NULL,
  application_tier {text} NOT NULL,
  description {text} NOT NULL,
  application_status {text} NOT NULL,
  token_type {text} NOT NULL,
  created_time BIGINT NOT NULL,
  updated_time BIGINT NOT NULL,
  UNIQUE (organization, subscriber_id, name)
);
CREATE INDEX am_application_tier ON am_application (organization, application_tier);

CREATE TABLE am_application_attributes (
  application_id BIGINT NOT NULL REFERENCES am_application (application_id) ON DELETE CASCADE,
  name {text} NOT NULL,
  app_attribute {text} NOT NULL,
  organization {text} NOT NULL,
  PRIMARY KEY (application_id, name)
);

CREATE TABLE am_application_group_mapping (
  application_id BIGINT NOT NULL REFERENCES am_application (application_id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  group_id {text} NOT NULL,
  tenant {text} NOT NULL,
  PRIMARY KEY (application_id, position)
);

CREATE TABLE am_subscription (
  subscription_id BIGINT PRIMARY KEY,
  uuid {text} NOT NULL UNIQUE,
  organization {text} NOT NULL,
  api_id BIGINT NOT NULL REFERENCES am_api (api_id),
  application_id BIGINT NOT NULL REFERENCES am_application (application_id) ON DELETE CASCADE,
  tier_id {text} NOT NULL,
  sub_status {text} NOT NULL,
  created_time BIGINT NOT NULL,
  UNIQUE (api_id, application_id)
);
CREATE INDEX am_subscription_application ON am_subscription (application_id);
CREATE INDEX am_subscription_tier ON am_subscription (organization, tier_id);

-- api_key_hash is the hex of SHA-256 over the key's text.
CREATE TABLE am_api_key (
  api_key_uuid {text} PRIMARY KEY,
  organization {text} NOT NULL,
  application_id BIGINT NOT NULL REFERENCES am_application (application_id) ON DELETE CASCADE,
  api_key_name {text} NOT NULL,
  api_key_hash {text} NOT NULL UNIQUE,
  key_type {text} NOT NULL,
  permitted_ips {text} NOT NULL,
  permitted_referers {text} NOT NULL,
  authz_user {text} NOT NULL,
  time_created BIGINT NOT NULL,
  expires_s BIGINT NOT NULL
);
CREATE INDEX am_api_key_application ON am_api_key (application_id);
