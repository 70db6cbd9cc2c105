--@database apim
-- The outbox, the audit log, and who publishes.

CREATE TABLE apim_outbox (
  epoch BIGINT NOT NULL,
  kind {text} NOT NULL,
  id BIGINT NOT NULL,
  PRIMARY KEY (epoch, kind, id)
);

CREATE TABLE apim_lease (
  name {text} PRIMARY KEY,
  holder {text} NOT NULL,
  token BIGINT NOT NULL,
  expires_ms BIGINT NOT NULL
);

CREATE TABLE apim_audit (
  number BIGINT PRIMARY KEY,
  at_ms BIGINT NOT NULL,
  organization {text} NOT NULL,
  user_id {text} NOT NULL,
  action {text} NOT NULL,
  target {text} NOT NULL,
  before_value {text} NOT NULL,
  after_value {text} NOT NULL,
  hash {text} NOT NULL
);
CREATE INDEX apim_audit_organization ON apim_audit (organization, number);

--@sqlite
CREATE TRIGGER apim_audit_no_update BEFORE UPDATE ON apim_audit BEGIN SELECT RAISE(ABORT, 'the audit log is append only'); END;
--@sqlite
CREATE TRIGGER apim_audit_no_delete BEFORE DELETE ON apim_audit BEGIN SELECT RAISE(ABORT, 'the audit log is append only'); END;
--@postgres
CREATE FUNCTION apim_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''the audit log is append only''; END';
--@postgres
CREATE TRIGGER apim_audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON apim_audit FOR EACH STATEMENT EXECUTE FUNCTION apim_audit_refuse();
