#include "gate/finish.h"

#include "snapshot/image.h"
#include "snapshot/view.h"

namespace apim::gate {
namespace {

using snapshot::view;

uint64_t us_between(uint64_t from_ns, uint64_t to_ns) {
  return to_ns > from_ns ? (to_ns - from_ns) / 1000 : 0;
}

void fill_principal(const Exchange& x, observe::AccessRecord* record) {
  if (x.principal.credential == CredentialUsed::None) return;
  record->key_type = x.principal.key_type == fbs::KeyType::Sandbox ? "SANDBOX" : "PRODUCTION";
  if (x.principal.application == nullptr) return;
  record->application_id = x.principal.application->id();
  record->application = view(x.principal.application->name());
}

observe::AccessRecord record_of(const Exchange& x, const RequestOutcome& outcome,
                                uint8_t worker_index) {
  observe::AccessRecord record;
  record.wall_ms = x.wall_s * 1000 + x.wall_ms_part;
  record.duration_us = outcome.duration_us;
  record.backend_us = outcome.backend_us;
  record.request_bytes = outcome.request_bytes;
  record.response_bytes = outcome.response_bytes;
  record.epoch = x.image ? x.image->epoch() : 0;
  record.client = x.client.address;
  if (x.upstream.endpoint != nullptr) {
    record.backend_host = view(x.upstream.endpoint->host());
    record.backend_port = x.upstream.endpoint->port();
  }
  record.status = outcome.status;
  record.fault = outcome.fault;
  record.worker = worker_index;
  record.has_query = x.request.target.has_query;
  record.method = to_text(x.request.method);
  record.request_id = x.request_id;
  record.host = x.request.host;
  record.path = x.request.target.path;
  if (x.route.api != nullptr) {
    record.api_name = view(x.route.api->name());
    record.api_version = view(x.route.api->version());
    record.api_uuid = view(x.route.api->uuid());
  }
  if (x.route.operation != nullptr) record.resource = view(x.route.operation->target());
  fill_principal(x, &record);
  return record;
}

}  // namespace

void finish(Exchange& x, const Ending& ending, Context& context) {
  x.timings.finished = context.loop.now_ns();
  RequestOutcome outcome;
  outcome.status = ending.status;
  outcome.fault = ending.fault;
  outcome.request_bytes = x.request_body_bytes;
  outcome.response_bytes = x.response_body_bytes;
  outcome.duration_us = us_between(x.timings.begun, x.timings.finished);
  outcome.forwarded = x.timings.first_byte != 0;
  if (outcome.forwarded) outcome.backend_us = us_between(x.timings.forwarded, x.timings.first_byte);
  context.metrics.count_request(outcome);
  if (context.access != nullptr) context.access->push(record_of(x, outcome, context.worker_index));
}

}  // namespace apim::gate
