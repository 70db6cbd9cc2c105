// What plans promise: API level first, then the operation's; every name once; only edits, nothing
// sent.

#include "policy/shape.h"

#include "snapshot/verify.h"
#include "support/world.h"

namespace apim::policy {
namespace {

using test::Call;
using test::make_image;
using test::operation;
using test::Worker;
using test::World;

model::OperationPolicy step(const std::string& name, const std::string& version,
                            std::map<std::string, std::string> parameters) {
  return {.name = name, .version = version, .type = "common", .parameters = std::move(parameters)};
}

model::OperationPolicy set_header(const std::string& name, const std::string& value) {
  return step("addHeader", "v1", {{"headerName", name}, {"headerValue", value}});
}

World plain_world() {
  World world;
  world.add_api(1, "pizza", {operation(model::Verb::Get, "/menu")});
  return world;
}

struct Throttled : Call {
  explicit Throttled(Worker& worker, std::string_view query = {})
      : Call(worker, http::Method::Get, "/pizza/1.0.0/menu", query) {
    x.route.api = x.image->find_api(1);
    x.route.operation = x.route.api->operations()->Get(0);
    x.route.resource = "/menu";
  }
  std::vector<std::string> request_edits() const {
    return texts(x.shape.request_edits, x.shape.request_edit_count);
  }
  std::vector<std::string> response_edits() const {
    return texts(x.shape.response_edits, x.shape.response_edit_count);
  }

 private:
  static std::vector<std::string> texts(const auto& edits, uint8_t count) {
    std::vector<std::string> out;
    for (uint8_t i = 0; i < count; ++i) {
      const char* const sign = edits[i].removes ? "-" : edits[i].appends ? "+" : "";
      out.push_back(sign + std::string(edits[i].name) +
                    (edits[i].removes ? "" : ": " + std::string(edits[i].value)));
    }
    return out;
  }
};

// Other names in the first `count` places; the texts are the caller's to keep.
std::vector<std::string> fill(auto& edits, size_t count) {
  std::vector<std::string> names;
  for (size_t i = 0; i < count; ++i) names.push_back("Taken-" + std::to_string(i));
  for (size_t i = 0; i < count; ++i) edits[i] = {.name = names[i], .value = "v"};
  return names;
}

CorsSettings no_cors() {
  CorsSettings settings;
  settings.enabled = false;
  return settings;
}

TEST(Shape, WithoutAPlanTheBackendGetsWhatTheClientSent) {
  Worker worker(make_image(plain_world().catalog));
  Throttled call(worker, "a=1");
  ASSERT_EQ(shape(call.x), Verdict::Next);
  EXPECT_EQ(call.x.shape.resource, "/menu");
  EXPECT_EQ(call.x.shape.query, "a=1");
  EXPECT_EQ(call.x.shape.method, http::Method::Get);
  EXPECT_TRUE(call.request_edits().empty());
}

TEST(Shape, RunsTheApisPlanThenTheOperations) {
  World world = plain_world();
  model::Api& api = world.catalog.apis.at(1).api;
  api.policies_of_api.request = {set_header("X-A", "api"), set_header("X-B", "api")};
  api.operations[0].policies.request = {set_header("x-b", "operation"),
                                        step("removeHeader", "v1", {{"headerName", "Cookie"}})};
  Worker worker(make_image(world.catalog));
  Throttled call(worker);
  ASSERT_EQ(shape(call.x), Verdict::Next);
  EXPECT_EQ(call.request_edits(),
            (std::vector<std::string>{"X-A: api", "x-b: operation", "-Cookie"}));
}

TEST(Shape, RewritesPathQueryAndMethod) {
  World world = plain_world();
  world.catalog.apis.at(1).api.operations[0].policies.request = {
      step("addQueryParam", "v1", {{"paramKey", "k"}, {"paramValue", "a b"}}),
      step("rewriteResourcePath", "v1",
           {{"newResourcePath", "/other"}, {"includeQueryParams", "true"}}),
      step("changeHTTPMethod", "v1", {{"httpMethod", "POST"}})};
  Worker worker(make_image(world.catalog));
  Throttled call(worker, "a=1");
  ASSERT_EQ(shape(call.x), Verdict::Next);
  EXPECT_EQ(call.x.shape.resource, "/other");
  EXPECT_EQ(call.x.shape.query, "a=1&k=a%20b");
  EXPECT_EQ(call.x.shape.method, http::Method::Post);
  Throttled without(worker);
  ASSERT_EQ(shape(without.x), Verdict::Next);
  EXPECT_EQ(without.x.shape.query, "k=a%20b");
}

TEST(Shape, ARewriteMayDropTheQuery) {
  World world = plain_world();
  world.catalog.apis.at(1).api.operations[0].policies.request = {
      step("rewriteResourcePath", "v1",
           {{"newResourcePath", "/other"}, {"includeQueryParams", "false"}})};
  Worker worker(make_image(world.catalog));
  Throttled call(worker, "a=1");
  ASSERT_EQ(shape(call.x), Verdict::Next);
  EXPECT_EQ(call.x.shape.query, "");
}

TEST(Shape, MoreEditsThanFitAreAnsweredAndNotSkipped) {
  World world = plain_world();
  world.catalog.apis.at(1).api.operations[0].policies.request = {set_header("X-A", "v")};
  Worker worker(make_image(world.catalog));
  Throttled call(worker);
  const std::vector<std::string> names = fill(call.x.shape.request_edits, Shape::kEditsMax);
  call.x.shape.request_edit_count = Shape::kEditsMax;
  EXPECT_EQ(shape(call.x), Verdict::Answer);
  EXPECT_EQ(call.x.answer.status, 503);
}

TEST(Respond, MoreEditsThanFitAreAnsweredAndNotSkipped) {
  World world = plain_world();
  world.catalog.apis.at(1).api.operations[0].policies.response = {set_header("X-A", "v")};
  Worker worker(make_image(world.catalog));
  const CorsSettings cors;  // The edits point into it.
  for (const size_t taken : {Shape::kEditsMax, Shape::kEditsMax - 1}) {
    Throttled call(worker);
    const std::vector<std::string> names = fill(call.x.shape.response_edits, taken);
    call.x.shape.response_edit_count = static_cast<uint8_t>(taken);
    respond(call.x, cors);
    EXPECT_EQ(call.x.answer.status, 503) << taken;
    EXPECT_EQ(call.x.answer.code, FaultCode::Overloaded);
    EXPECT_EQ(call.response_edits(), std::vector<std::string>{"Access-Control-Allow-Origin: *"});
  }
}

TEST(Respond, TheLongestPlanLeavesRoomForCors) {
  World world = plain_world();
  for (size_t i = 0; i < snapshot::kPlanHeaderEditsMax; ++i) {
    world.catalog.apis.at(1).api.operations[0].policies.response.push_back(
        set_header("X-" + std::to_string(i), "v"));
  }
  Worker worker(make_image(world.catalog));
  Throttled call(worker);
  respond(call.x, CorsSettings{});
  EXPECT_FALSE(call.x.answer.set);
  EXPECT_EQ(call.x.shape.response_edit_count, snapshot::kPlanHeaderEditsMax + 1);
}

TEST(Respond, RunsTheOperationsPlanThenTheApisWhenABackendAnswered) {
  World world = plain_world();
  model::Api& api = world.catalog.apis.at(1).api;
  api.policies_of_api.response = {set_header("X-A", "api")};
  api.operations[0].policies.response = {set_header("X-A", "operation"),
                                         set_header("X-B", "operation")};
  api.operations[0].policies.fault = {set_header("X-Fault", "yes")};
  Worker worker(make_image(world.catalog));
  Throttled call(worker);
  respond(call.x, no_cors());
  EXPECT_EQ(call.response_edits(), (std::vector<std::string>{"X-A: api", "X-B: operation"}));
}

TEST(Respond, RunsTheFaultPlanForBackendFaultsOnly) {
  World world = plain_world();
  model::Api& api = world.catalog.apis.at(1).api;
  api.operations[0].policies.response = {set_header("X-Response", "yes")};
  api.operations[0].policies.fault = {set_header("X-Fault", "yes")};
  Worker worker(make_image(world.catalog));
  Throttled backend(worker);
  answer(backend.x, fault(FaultCode::BackendRefused, "test"));
  respond(backend.x, no_cors());
  EXPECT_EQ(backend.response_edits(), std::vector<std::string>{"X-Fault: yes"});
  Throttled own(worker);
  answer(own.x, fault(FaultCode::KeyMissing, "test"));
  respond(own.x, no_cors());
  EXPECT_TRUE(own.response_edits().empty());
}

TEST(Respond, WorksBeforeAnythingWasMatched) {
  Worker worker(make_image(plain_world().catalog));
  Call call(worker, http::Method::Get, "/nowhere");
  answer(call.x, fault(FaultCode::ApiNotFound, "test"));
  respond(call.x, CorsSettings{});
  EXPECT_EQ(call.x.shape.response_edit_count, 0);
}

}  // namespace
}  // namespace apim::policy
