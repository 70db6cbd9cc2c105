#include "policy/shape.h"

#include <array>
#include <cassert>
#include <cstring>

#include "policy/edits.h"

namespace apim::policy {
namespace {

using Plan = flatbuffers::Vector<flatbuffers::Offset<fbs::PolicyStep>>;

std::string_view text_or_empty(const flatbuffers::String* text) {
  return text == nullptr ? std::string_view{} : text->string_view();
}

// One way through a plan. Only request plans have the steps that touch `x`; the image's check saw
// to that.
struct Run {
  Exchange& x;
  Edits edits;
};

// Each returns false when there is no room left for what it has to do.
bool run_SetHeader(Run& run, const fbs::PolicyStep& step) {
  return run.edits.set(text_or_empty(step.name()), text_or_empty(step.value()));
}

bool run_RemoveHeader(Run& run, const fbs::PolicyStep& step) {
  return run.edits.remove(text_or_empty(step.name()));
}

bool run_AddQuery(Run& run, const fbs::PolicyStep& step) {
  const std::string_view name = text_or_empty(step.name());
  const std::string_view value = text_or_empty(step.value());
  const std::string_view before = run.x.shape.query;
  const size_t bytes_max = before.size() + 1 + name.size() + 1 + value.size();
  char* const text = static_cast<char*>(run.x.arena.allocate(bytes_max, 1));
  if (text == nullptr) return false;
  char* at = text;
  for (const std::string_view piece :
       {before, std::string_view(before.empty() ? "" : "&"), name, std::string_view("="), value}) {
    if (piece.empty()) continue;
    std::memcpy(at, piece.data(), piece.size());
    at += piece.size();
  }
  run.x.shape.query = {text, static_cast<size_t>(at - text)};
  return true;
}

bool run_RewritePath(Run& run, const fbs::PolicyStep& step) {
  run.x.shape.resource = text_or_empty(step.value());
  if (!step.keep_query()) run.x.shape.query = {};
  return true;
}

bool run_SetMethod(Run& run, const fbs::PolicyStep& step) {
  run.x.shape.method = static_cast<http::Method>(step.method());
  return true;
}

enum class Row : uint8_t {
  None,
#define POLICY(Kind) Kind,
#include "policy/policies.def"
#undef POLICY
  kCount
};
#define POLICY(Kind) \
  static_assert(static_cast<uint8_t>(Row::Kind) == static_cast<uint8_t>(fbs::PolicyKind::Kind));
#include "policy/policies.def"
#undef POLICY
static_assert(static_cast<size_t>(Row::kCount) == static_cast<size_t>(fbs::PolicyKind::MAX) + 1);

using Handler = bool (*)(Run&, const fbs::PolicyStep&);
constexpr std::array<Handler, static_cast<size_t>(Row::kCount)> kHandlers{
    nullptr,
#define POLICY(Kind) &run_##Kind,
#include "policy/policies.def"
#undef POLICY
};

bool run_plan(const Plan* plan_or_null, Run run) {
  if (plan_or_null == nullptr) return true;
  for (const fbs::PolicyStep* step : *plan_or_null) {
    const Handler handler = kHandlers[static_cast<size_t>(step->kind())];
    assert(handler != nullptr);
    if (!handler(run, *step)) return false;
  }
  return true;
}

// The backend answered, or failed to; whatever the gateway itself refused runs no plan.
const Plan* response_plan(const Exchange& x) {
  if (x.route.operation == nullptr) return nullptr;
  if (!x.answer.set) return x.route.operation->response();
  if (x.answer.code == FaultCode::kCount) return nullptr;
  return fault(x.answer.code, "").blame == Blame::Upstream ? x.route.operation->fault() : nullptr;
}

}  // namespace

Verdict shape(Exchange& x) {
  assert(x.route.operation != nullptr);
  x.shape.resource = x.route.resource;
  x.shape.query = x.request.target.query;
  x.shape.method = x.request.method;
  if (run_plan(x.route.operation->request(),
               {x, {x.shape.request_edits, x.shape.request_edit_count}}))
    return Verdict::Next;
  answer(x, fault(FaultCode::Overloaded, "a request plan needs more room than there is"));
  return Verdict::Answer;
}

void respond(Exchange& x, const CorsSettings& cors) {
  Edits edits(x.shape.response_edits, x.shape.response_edit_count);
  if (run_plan(response_plan(x), {x, edits}) && add_cors(x, cors)) return;
  answer(x, fault(FaultCode::Overloaded, "a response plan needs more room than there is"));
  x.shape.response_edit_count = 0;  // That answer is the gateway's own: no plan, only CORS.
  const bool has_room = add_cors(x, cors);
  assert(has_room);
}

}  // namespace apim::policy
