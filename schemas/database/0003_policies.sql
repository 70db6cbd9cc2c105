--@database apim
-- Throttling policies of all levels (one id sequence) and deny conditions. quota 0 is no limit.

INSERT INTO apim_sequence (name, value) VALUES
  ('policy', 0), ('condition_group', 0), ('condition', 0), ('block_condition', 0);

CREATE TABLE am_policy_subscription (
  policy_id BIGINT PRIMARY KEY,
  uuid {text} NOT NULL UNIQUE,
  organization {text} NOT NULL,
  name {text} NOT NULL,
  display_name {text} NOT NULL,
  description {text} NOT NULL,
  quota_type {text} NOT NULL,
  quota BIGINT NOT NULL,
  unit_time BIGINT NOT NULL,
  time_unit {text} NOT NULL,
  rate_limit_count BIGINT NOT NULL,
  rate_limit_unit_time BIGINT NOT NULL,
  rate_limit_time_unit {text} NOT NULL,
  stop_on_quota_reach BIGINT NOT NULL,
  billing_plan {text} NOT NULL,
  document {text} NOT NULL,
  UNIQUE (organization, name)
);

CREATE TABLE am_policy_application (
  policy_id BIGINT PRIMARY KEY,
  uuid {text} NOT NULL UNIQUE,
  organization {text} NOT NULL,
  name {text} NOT NULL,
  display_name {text} NOT NULL,
  description {text} NOT NULL,
  quota_type {text} NOT NULL,
  quota BIGINT NOT NULL,
  unit_time BIGINT NOT NULL,
  time_unit {text} NOT NULL,
  rate_limit_count BIGINT NOT NULL,
  rate_limit_unit_time BIGINT NOT NULL,
  rate_limit_time_unit {text} NOT NULL,
  document {text} NOT NULL,
  UNIQUE (organization, name)
);

CREATE TABLE am_api_throttle_policy (
  policy_id BIGINT PRIMARY KEY,
  uuid {text} NOT NULL UNIQUE,
  organization {text} NOT NULL,
  name {text} NOT NULL,
  display_name {text} NOT NULL,
  description {text} NOT NULL,
  default_quota_type {text} NOT NULL,
  default_quota BIGINT NOT NULL,
  default_unit_time BIGINT NOT NULL,
  default_time_unit {text} NOT NULL,
  applicable_level {text} NOT NULL,
  document {text} NOT NULL,
  UNIQUE (organization, name)
);

CREATE TABLE am_condition_group (
  condition_group_id BIGINT PRIMARY KEY,
  policy_id BIGINT NOT NULL REFERENCES am_api_throttle_policy (policy_id) ON DELETE CASCADE,
  quota_type {text} NOT NULL,
  quota BIGINT NOT NULL,
  unit_time BIGINT NOT NULL,
  time_unit {text} NOT NULL,
  description {text} NOT NULL
);
CREATE INDEX am_condition_group_policy ON am_condition_group (policy_id);

-- specific_ip, or starting_ip to ending_ip; within_ip_range, is_..._mapping 0 = inverted.
CREATE TABLE am_ip_condition (
  am_ip_condition_id BIGINT PRIMARY KEY,
  condition_group_id BIGINT NOT NULL REFERENCES am_condition_group (condition_group_id) ON DELETE CASCADE,
  starting_ip {text} NOT NULL,
  ending_ip {text} NOT NULL,
  specific_ip {text} NOT NULL,
  within_ip_range BIGINT NOT NULL
);
CREATE INDEX am_ip_condition_group ON am_ip_condition (condition_group_id);

CREATE TABLE am_header_field_condition (
  header_field_id BIGINT PRIMARY KEY,
  condition_group_id BIGINT NOT NULL REFERENCES am_condition_group (condition_group_id) ON DELETE CASCADE,
  header_field_name {text} NOT NULL,
  header_field_value {text} NOT NULL,
  is_header_field_mapping BIGINT NOT NULL
);
CREATE INDEX am_header_field_condition_group ON am_header_field_condition (condition_group_id);

CREATE TABLE am_query_parameter_condition (
  query_parameter_id BIGINT PRIMARY KEY,
  condition_group_id BIGINT NOT NULL REFERENCES am_condition_group (condition_group_id) ON DELETE CASCADE,
  parameter_name {text} NOT NULL,
  parameter_value {text} NOT NULL,
  is_param_mapping BIGINT NOT NULL
);
CREATE INDEX am_query_parameter_condition_group ON am_query_parameter_condition (condition_group_id);

CREATE TABLE am_jwt_claim_condition (
  jwt_claim_id BIGINT PRIMARY KEY,
  condition_group_id BIGINT NOT NULL REFERENCES am_condition_group (condition_group_id) ON DELETE CASCADE,
  claim_uri {text} NOT NULL,
  claim_attrib {text} NOT NULL,
  is_claim_mapping BIGINT NOT NULL
);
CREATE INDEX am_jwt_claim_condition_group ON am_jwt_claim_condition (condition_group_id);

CREATE TABLE am_block_conditions (
  condition_id BIGINT PRIMARY KEY,
  uuid {text} NOT NULL UNIQUE,
  domain {text} NOT NULL,
  type {text} NOT NULL,
  block_condition {text} NOT NULL,
  last_ip {text} NOT NULL,
  inverted BIGINT NOT NULL,
  enabled BIGINT NOT NULL,
  UNIQUE (domain, type, block_condition, last_ip, inverted)
);
