// What CORS promises: WSO2's headers, from the API's rules or the gateway's, on answers and on
// errors.

#include "policy/cors.h"

#include <map>

#include "policy/shape.h"
#include "support/world.h"

namespace apim::policy {
namespace {

using http::FieldId;
using http::Method;
using test::Call;
using test::make_image;
using test::operation;
using test::Worker;
using test::World;

using HeaderEdits = std::map<std::string, std::string>;

class Cors : public ::testing::Test {
 protected:
  Cors() {
    world_.add_api(1, "pizza",
                   {operation(model::Verb::Get, "/menu"), operation(model::Verb::Post, "/menu")});
  }

  model::Api& api() { return world_.catalog.apis.at(1).api; }

  // The edits of a response to a request with that Origin ("" = none).
  HeaderEdits respond_to(std::string_view origin, const CorsSettings& settings = {},
                         bool is_preflight = false) {
    Worker worker(make_image(world_.catalog));
    Call call(worker, is_preflight ? Method::Options : Method::Get, "/pizza/1.0.0/menu");
    if (!origin.empty()) call.with("Origin", origin, FieldId::Origin);
    call.x.route.api = call.x.image->find_api(1);
    if (is_preflight) {
      call.x.answer.set = true;
      call.x.answer.status = 200;
      call.x.answer.allow = "GET, POST, OPTIONS";
    }
    respond(call.x, settings);
    HeaderEdits edits;
    for (uint8_t i = 0; i < call.x.shape.response_edit_count; ++i) {
      const HeaderEdit& edit = call.x.shape.response_edits[i];
      edits[std::string(edit.name)] =
          edit.removes ? "(removed)"
                       : std::string(edit.appends ? "+" : "") + std::string(edit.value);
    }
    return edits;
  }

  World world_;
};

TEST_F(Cors, ByDefaultEveryOriginMayRead) {
  EXPECT_EQ(respond_to("https://a.example"), (HeaderEdits{{"Access-Control-Allow-Origin", "*"}}));
  EXPECT_EQ(respond_to(""), (HeaderEdits{{"Access-Control-Allow-Origin", "*"}}));
}

TEST_F(Cors, SwitchedOffItAddsNothing) {
  CorsSettings off;
  off.enabled = false;
  EXPECT_TRUE(respond_to("https://a.example", off).empty());
}

TEST_F(Cors, APreflightNamesTheMethodsOfThePathThatAreConfigured) {
  CorsSettings settings;
  settings.methods = {"GET", "DELETE", "OPTIONS"};
  const HeaderEdits edits = respond_to("https://a.example", settings, true);
  EXPECT_EQ(edits.at("Access-Control-Allow-Methods"), "GET,OPTIONS");
}

TEST_F(Cors, APreflightAlwaysAllowsTheApisOwnCredentialHeaders) {
  api().api_key_header = "X-Pizza-Key";
  const HeaderEdits edits = respond_to("https://a.example", {}, true);
  EXPECT_EQ(edits.at("Access-Control-Allow-Headers"),
            "authorization,Access-Control-Allow-Origin,Content-Type,SOAPAction,apikey,Internal-Key,"
            "x-pizza-key");
}

TEST_F(Cors, AListedOriginIsEchoedAndVaries) {
  api().cors = model::Cors{.origins = {"https://a.example", "https://*.b.example"},
                           .methods = {"GET"},
                           .headers = {},
                           .credentials = true};
  for (const std::string origin : {"https://a.example", "https://x.b.example"}) {
    EXPECT_EQ(respond_to(origin), (HeaderEdits{{"Access-Control-Allow-Origin", origin},
                                               {"Access-Control-Allow-Credentials", "true"},
                                               {"Vary", "+Origin"}}));
  }
}

TEST_F(Cors, AnotherOriginGetsNoPermissionNotEvenTheBackends) {
  api().cors = model::Cors{
      .origins = {"https://a.example"}, .methods = {"GET"}, .headers = {}, .credentials = true};
  for (const auto* origin :
       {"https://a.example.evil", "http://a.example", "https://A.example", ""}) {
    EXPECT_EQ(respond_to(origin), (HeaderEdits{{"Access-Control-Allow-Origin", "(removed)"},
                                               {"Access-Control-Allow-Credentials", "(removed)"},
                                               {"Vary", "+Origin"}}))
        << origin;
  }
}

TEST_F(Cors, CredentialsAreNeverAllowedForEveryOrigin) {
  CorsSettings settings;
  settings.credentials = true;
  EXPECT_FALSE(
      respond_to("https://a.example", settings).contains("Access-Control-Allow-Credentials"));
}

TEST_F(Cors, TheApisRulesWinOverTheGatewaysEvenWhenThoseAreOff) {
  api().cors =
      model::Cors{.origins = {"*"}, .methods = {"POST"}, .headers = {"X-A"}, .credentials = false};
  CorsSettings off;
  off.enabled = false;
  const HeaderEdits edits = respond_to("https://a.example", off, true);
  EXPECT_EQ(edits.at("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(edits.at("Access-Control-Allow-Methods"), "POST");
}

}  // namespace
}  // namespace apim::policy
