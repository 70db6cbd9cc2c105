--@database apim
-- APIs, their projections, revisions, deployments and lifecycle. WSO2's names where WSO2 has the table
-- (ORGANIZATION is the tenant's domain everywhere); tables of our own start with apim_. Times are Unix
-- milliseconds. No column holds NULL: an absent value is '' or 0.

-- Ids and the epoch come from here, so that none is ever given twice.
CREATE TABLE apim_sequence (
  name {text} PRIMARY KEY,
  value BIGINT NOT NULL
);
INSERT INTO apim_sequence (name, value) VALUES
  ('epoch', 0), ('outbox_trimmed', 0), ('api', 0), ('url_mapping', 0), ('scope', 0), ('lc_event', 0);

CREATE TABLE am_api (
  api_id BIGINT PRIMARY KEY,
  api_uuid {text} NOT NULL UNIQUE,
  organization {text} NOT NULL,
  api_provider {text} NOT NULL,
  api_name {text} NOT NULL,
  api_version {text} NOT NULL,
  context {text} NOT NULL,
  context_template {text} NOT NULL,
  api_tier {text} NOT NULL,
  api_type {text} NOT NULL,
  status {text} NOT NULL,
  description {text} NOT NULL,
  revisions_created BIGINT NOT NULL,
  created_time BIGINT NOT NULL,
  updated_time BIGINT NOT NULL,
  document {text} NOT NULL,
  definition {text} NOT NULL,
  UNIQUE (organization, api_name, api_version),
  UNIQUE (organization, context)
);
CREATE INDEX am_api_template ON am_api (organization, context_template);

-- revision_uuid '' is the working copy.
CREATE TABLE am_api_url_mapping (
  url_mapping_id BIGINT PRIMARY KEY,
  api_id BIGINT NOT NULL REFERENCES am_api (api_id) ON DELETE CASCADE,
  revision_uuid {text} NOT NULL,
  http_method {text} NOT NULL,
  auth_scheme {text} NOT NULL,
  url_pattern {text} NOT NULL,
  throttling_tier {text} NOT NULL
);
CREATE INDEX am_api_url_mapping_api ON am_api_url_mapping (api_id, revision_uuid);
CREATE INDEX am_api_url_mapping_tier ON am_api_url_mapping (throttling_tier);

CREATE TABLE am_api_resource_scope_mapping (
  url_mapping_id BIGINT NOT NULL REFERENCES am_api_url_mapping (url_mapping_id) ON DELETE CASCADE,
  scope_name {text} NOT NULL,
  organization {text} NOT NULL,
  PRIMARY KEY (url_mapping_id, scope_name)
);

CREATE TABLE am_scope (
  scope_id BIGINT PRIMARY KEY,
  api_id BIGINT NOT NULL REFERENCES am_api (api_id) ON DELETE CASCADE,
  organization {text} NOT NULL,
  name {text} NOT NULL,
  display_name {text} NOT NULL,
  description {text} NOT NULL,
  scope_type {text} NOT NULL,
  UNIQUE (api_id, name)
);
CREATE INDEX am_scope_name ON am_scope (organization, name);

CREATE TABLE am_scope_binding (
  scope_id BIGINT NOT NULL REFERENCES am_scope (scope_id) ON DELETE CASCADE,
  scope_binding {text} NOT NULL,
  binding_type {text} NOT NULL,
  PRIMARY KEY (scope_id, scope_binding)
);

CREATE TABLE apim_api_tag (
  api_id BIGINT NOT NULL REFERENCES am_api (api_id) ON DELETE CASCADE,
  tag {text} NOT NULL,
  PRIMARY KEY (api_id, tag)
);

-- Business plans and the API-level advanced policy an API names; what keeps a policy from removal.
CREATE TABLE apim_api_plan (
  api_id BIGINT NOT NULL REFERENCES am_api (api_id) ON DELETE CASCADE,
  revision_uuid {text} NOT NULL,
  policy_level {text} NOT NULL,
  tier {text} NOT NULL,
  PRIMARY KEY (api_id, revision_uuid, policy_level, tier)
);
CREATE INDEX apim_api_plan_tier ON apim_api_plan (tier);

CREATE TABLE am_api_default_version (
  organization {text} NOT NULL,
  api_name {text} NOT NULL,
  default_api_version {text} NOT NULL,
  PRIMARY KEY (organization, api_name)
);

CREATE TABLE am_revision (
  revision_uuid {text} PRIMARY KEY,
  api_id BIGINT NOT NULL REFERENCES am_api (api_id) ON DELETE CASCADE,
  organization {text} NOT NULL,
  id BIGINT NOT NULL,
  description {text} NOT NULL,
  created_time BIGINT NOT NULL,
  created_by {text} NOT NULL,
  is_default_version BIGINT NOT NULL,
  document {text} NOT NULL,
  definition {text} NOT NULL,
  UNIQUE (api_id, id)
);

-- serves_default: of all deployed versions of a name, the one that answers without the version segment.
CREATE TABLE am_deployment_revision_mapping (
  api_id BIGINT NOT NULL REFERENCES am_api (api_id) ON DELETE CASCADE,
  name {text} NOT NULL,
  vhost {text} NOT NULL,
  organization {text} NOT NULL,
  revision_uuid {text} NOT NULL REFERENCES am_revision (revision_uuid),
  revision_status {text} NOT NULL,
  display_on_devportal BIGINT NOT NULL,
  deployed_time BIGINT NOT NULL,
  serves_default BIGINT NOT NULL,
  PRIMARY KEY (api_id, name, vhost)
);
CREATE INDEX am_deployment_name ON am_deployment_revision_mapping (name);
CREATE INDEX am_deployment_revision ON am_deployment_revision_mapping (revision_uuid);

CREATE TABLE am_api_lc_event (
  event_id BIGINT PRIMARY KEY,
  api_id BIGINT NOT NULL REFERENCES am_api (api_id) ON DELETE CASCADE,
  organization {text} NOT NULL,
  previous_state {text} NOT NULL,
  new_state {text} NOT NULL,
  user_id {text} NOT NULL,
  event_date BIGINT NOT NULL
);
CREATE INDEX am_api_lc_event_api ON am_api_lc_event (api_id);
