// What authenticate() promises: open only for what is proven, closed with WSO2's answers otherwise.

#include "auth/authenticate.h"

#include "support/world.h"

namespace apim::auth {
namespace {

using http::FieldId;
using http::Method;
using test::Call;
using test::make_image;
using test::operation;
using test::Worker;
using test::World;

constexpr std::string_view kForms =
    "'Authorization : Bearer ACCESS_TOKEN' or 'Authorization : Basic ACCESS_TOKEN' or 'ApiKey : "
    "API_KEY'";
constexpr std::string_view kTail =
    R"(Internal API Key realm="WSO2 API Manager", error="invalid_token", error_description="The )"
    R"(provided token is invalid")";

World pizza_world() {
  World world;
  world.add_api(1, "pizza", {operation(model::Verb::Get, "/menu")});
  world.add_application(1);
  world.subscribe(1, 1);
  world.add_key(1, "prod-key");
  world.add_key(1, "sand-key").type = model::KeyType::Sandbox;
  return world;
}

// A request to GET /menu that match() would have let through.
struct Matched : Call {
  explicit Matched(Worker& worker, std::string_view query = {})
      : Call(worker, Method::Get, "/pizza/1.0.0/menu", query) {
    x.route.api = x.image->find_api(1);
    x.route.operation = x.route.api->operations()->Get(0);
  }
  Matched& header(std::string_view name, std::string_view value, FieldId id = FieldId::Other) {
    with(name, value, id);
    return *this;
  }
};

void expect_refused(Call& call, FaultCode code, uint16_t status, uint32_t number) {
  ASSERT_EQ(authenticate(call.x), Verdict::Answer);
  EXPECT_EQ(call.x.answer.code, code);
  EXPECT_EQ(call.x.answer.status, status);
  EXPECT_EQ(text_of(call.x.answer.code).code, number);
  EXPECT_EQ(call.x.answer.challenge.empty(), status != 401);
}

TEST(Authenticate, AKeyInTheHeaderIsTheApplication) {
  Worker worker(make_image(pizza_world().catalog));
  Matched call(worker);
  call.header("Accept", "*/*").header("APIKEY", "prod-key");
  ASSERT_EQ(authenticate(call.x), Verdict::Next) << call.x.answer.body;
  EXPECT_EQ(call.x.principal.application->id(), 1U);
  EXPECT_EQ(call.x.principal.subscription->api(), 1U);
  EXPECT_EQ(user_of(call.x.principal), "alice@carbon.super");
  EXPECT_EQ(call.x.principal.user_hash, layout::hash_bytes("alice@carbon.super"));
  EXPECT_EQ(call.x.principal.key_type, fbs::KeyType::Production);
  EXPECT_EQ(call.x.principal.credential, CredentialUsed::ApiKey);
}

TEST(Authenticate, TheKeyIsNotForwarded) {
  Worker worker(make_image(pizza_world().catalog));
  Matched call(worker);
  call.header("Accept", "*/*").header("ApiKey", "prod-key");
  ASSERT_EQ(authenticate(call.x), Verdict::Next);
  EXPECT_FALSE(call.x.request.fields[0].dropped);
  EXPECT_TRUE(call.x.request.fields[1].dropped);
}

TEST(Authenticate, AKeyInTheQueryIsTakenOutOfIt) {
  Worker worker(make_image(pizza_world().catalog));
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"a=1&apikey=prod-key&b=2", "a=1&b=2"},
      {"apikey=prod-key", ""},
      {"ApiKey=prod%2Dkey&x", "x"},
      {"x=apikey&apikey=prod-key", "x=apikey"}};
  for (const auto& [query, left] : cases) {
    Matched call(worker, query);
    ASSERT_EQ(authenticate(call.x), Verdict::Next) << query;
    EXPECT_EQ(call.x.request.target.query, left);
    EXPECT_EQ(call.x.request.target.has_query, !left.empty());
  }
}

TEST(Authenticate, NoCredentialIs900902WithWso2sTextAndChallenge) {
  Worker worker(make_image(pizza_world().catalog));
  Matched call(worker);
  expect_refused(call, FaultCode::KeyMissing, 401, 900902);
  EXPECT_EQ(
      call.x.answer.body,
      std::string(R"({"code":"900902","message":"Missing Credentials","description":"Invalid )"
                  R"(Credentials. Make sure your API )") +
          "invocation call has a header: " + std::string(kForms) + R"("})");
  EXPECT_EQ(call.x.answer.challenge, R"(API Key realm="WSO2 API Manager", )" + std::string(kTail));
}

TEST(Authenticate, AnUnknownKeyIs900901) {
  Worker worker(make_image(pizza_world().catalog));
  const std::string long_key(5000, 'a');
  for (const std::string_view key :
       {std::string_view("wrong"), std::string_view(""), std::string_view(long_key)}) {
    Matched call(worker);
    call.header("apikey", key);
    expect_refused(call, FaultCode::KeyUnknown, 401, 900901);
    EXPECT_EQ(
        call.x.answer.body,
        R"({"code":"900901","message":"Invalid Credentials","description":"Invalid Credentials. )"
        R"(Make sure you have provided the )"
        R"(correct security credentials"})");
  }
}

TEST(Authenticate, AKeySentTwiceIsRefusedWhereverItStands) {
  Worker worker(make_image(pizza_world().catalog));
  Matched headers(worker);
  headers.header("apikey", "prod-key").header("ApiKey", "prod-key");
  expect_refused(headers, FaultCode::KeyUnknown, 401, 900901);
  Matched query(worker, "apikey=prod-key&apikey=prod-key");
  expect_refused(query, FaultCode::KeyUnknown, 401, 900901);
  Matched both(worker, "apikey=prod-key");
  both.header("apikey", "prod-key").header("ApiKey", "prod-key");
  expect_refused(both, FaultCode::KeyUnknown, 401, 900901);
  EXPECT_EQ(both.x.request.target.query, "");
}

TEST(Authenticate, TheHeadersKeyIsTakenBeforeTheQuerysAndNeitherIsForwarded) {
  Worker worker(make_image(pizza_world().catalog));
  Matched good(worker, "apikey=other&apikey=other&a=1");
  good.header("apikey", "prod-key");
  EXPECT_EQ(authenticate(good.x), Verdict::Next);
  EXPECT_EQ(good.x.request.target.query, "a=1");
  for (const http::Field& field : good.x.request.fields) EXPECT_TRUE(field.dropped) << field.name;
  Matched wrong(worker, "apikey=prod-key");
  wrong.header("apikey", "other");
  expect_refused(wrong, FaultCode::KeyUnknown, 401, 900901);
  Matched empty(worker, "apikey=prod-key");
  empty.header("apikey", "");
  expect_refused(empty, FaultCode::KeyUnknown, 401, 900901);
}

TEST(Authenticate, AKeyIsGoodUntilTheSecondItExpires) {
  World world = pizza_world();
  world.catalog.keys.at(1)[0].expires_s = 1'700'000'001;
  Worker worker(make_image(world.catalog));
  Matched in_time(worker);
  in_time.header("apikey", "prod-key");
  EXPECT_EQ(authenticate(in_time.x), Verdict::Next);
  Matched late(worker);
  late.header("apikey", "prod-key");
  late.x.wall_s = 1'700'000'001;
  expect_refused(late, FaultCode::KeyExpired, 401, 900903);
}

TEST(Authenticate, PermittedAddressesAreTheClients) {
  World world = pizza_world();
  world.catalog.keys.at(1)[0].permitted_ips = "10.0.0.0/30, 2001:db8::/32";
  Worker worker(make_image(world.catalog));
  const auto verdict = [&](std::string_view address, FaultCode& code) {
    Matched call(worker);
    call.header("apikey", "prod-key");
    call.x.client.address = *parse_address(address);
    const Verdict out = authenticate(call.x);
    code = call.x.answer.code;
    return out;
  };
  FaultCode code;
  for (const auto* address : {"10.0.0.0", "10.0.0.3", "2001:db8::7"})
    EXPECT_EQ(verdict(address, code), Verdict::Next) << address;
  for (const auto* address : {"10.0.0.4", "9.255.255.255", "2001:db9::"}) {
    EXPECT_EQ(verdict(address, code), Verdict::Answer) << address;
    EXPECT_EQ(code, FaultCode::KeyForbiddenAddress);
  }
}

TEST(Authenticate, PermittedReferersAreTheRequests) {
  World world = pizza_world();
  world.catalog.keys.at(1)[0].permitted_referers = "https://www.example.com/*,*.example.org/x";
  Worker worker(make_image(world.catalog));
  const auto code_for = [&](std::string_view referer) {
    Matched call(worker);
    call.header("apikey", "prod-key");
    if (!referer.empty()) call.header("Referer", referer, FieldId::Referer);
    return authenticate(call.x) == Verdict::Next ? FaultCode::kCount : call.x.answer.code;
  };
  EXPECT_EQ(code_for("https://www.example.com/a/b"), FaultCode::kCount);
  EXPECT_EQ(code_for("http://a.example.org/x"), FaultCode::kCount);
  EXPECT_EQ(code_for("https://evil.com/?https://www.example.com/"), FaultCode::KeyForbiddenReferer);
  EXPECT_EQ(code_for("http://a.example.org/xy"), FaultCode::KeyForbiddenReferer);
  EXPECT_EQ(code_for(""), FaultCode::KeyForbiddenReferer);
}

TEST(Authenticate, WithoutASubscriptionItIs900908) {
  World world = pizza_world();
  world.catalog.subscriptions.clear();
  Worker worker(make_image(world.catalog));
  Matched call(worker);
  call.header("apikey", "prod-key");
  expect_refused(call, FaultCode::NotSubscribed, 403, 900908);
  EXPECT_EQ(
      call.x.answer.body,
      R"({"code":"900908","message":"Resource forbidden ","description":"User is NOT authorized )"
      R"(to access the Resource. API )"
      R"(Subscription validation failed."})");
}

TEST(Authenticate, TheKeyTypeChoosesTheEndpointAndAMissingOneIs403) {
  World world = pizza_world();
  Worker both(make_image(world.catalog));
  Matched sandbox(both);
  sandbox.header("apikey", "sand-key");
  ASSERT_EQ(authenticate(sandbox.x), Verdict::Next);
  EXPECT_EQ(sandbox.x.principal.key_type, fbs::KeyType::Sandbox);

  world.catalog.apis.at(1).api.sandbox.reset();
  Worker no_sandbox(make_image(world.catalog));
  Matched missing(no_sandbox);
  missing.header("apikey", "sand-key");
  expect_refused(missing, FaultCode::NoSandboxEndpoint, 403, 900901);

  world.catalog.apis.at(1).api.sandbox = test::backend("http://127.0.0.1:1");
  world.catalog.apis.at(1).api.production.reset();
  Worker no_production(make_image(world.catalog));
  Matched other(no_production);
  other.header("apikey", "prod-key");
  expect_refused(other, FaultCode::NoProductionEndpoint, 403, 900901);
}

TEST(Authenticate, APrototypeIsAlwaysProduction) {
  World world = pizza_world();
  world.catalog.apis.at(1).api.lifecycle = model::Lifecycle::Prototyped;
  Worker worker(make_image(world.catalog));
  Matched call(worker);
  call.header("apikey", "sand-key");
  ASSERT_EQ(authenticate(call.x), Verdict::Next);
  EXPECT_EQ(call.x.principal.key_type, fbs::KeyType::Production);
}

TEST(Authenticate, AuthTypeNoneIsAnonymousAndStillHidesTheKey) {
  World world = pizza_world();
  world.catalog.apis.at(1).api.operations[0].auth = model::AuthType::None;
  Worker worker(make_image(world.catalog));
  Matched call(worker, "apikey=nonsense&a=1");
  ASSERT_EQ(authenticate(call.x), Verdict::Next);
  EXPECT_EQ(call.x.principal.application, nullptr);
  EXPECT_EQ(user_of(call.x.principal), "anonymous");
  EXPECT_EQ(call.x.request.target.query, "a=1");
}

TEST(Authenticate, SchemesThatCannotBeCheckedStayClosed) {
  World world = pizza_world();
  world.catalog.apis.at(1).api.security = {.oauth2 = true,
                                           .api_key = false,
                                           .basic = true,
                                           .mutual_tls = false,
                                           .application_mandatory = true,
                                           .mutual_tls_mandatory = false};
  Worker worker(make_image(world.catalog));
  Matched nothing(worker);
  expect_refused(nothing, FaultCode::KeyMissing, 401, 900902);
  EXPECT_EQ(
      nothing.x.answer.challenge,
      R"(Bearer realm="WSO2 API Manager", Basic realm="WSO2 API Manager", )" + std::string(kTail));
  for (const auto* value : {"Bearer abc", "Basic YTpi", "Bearer prod-key"}) {
    Matched call(worker);
    call.header("Authorization", value, FieldId::Authorization);
    expect_refused(call, FaultCode::KeyUnknown, 401, 900901);
    EXPECT_TRUE(call.x.request.fields[0].dropped);
  }
  Matched key(worker);
  key.header("apikey", "prod-key");
  expect_refused(key, FaultCode::KeyMissing, 401, 900902);
}

TEST(Authenticate, AnyOneOfTheApplicationSchemesIsEnough) {
  World world = pizza_world();
  world.catalog.apis.at(1).api.security.oauth2 = true;
  Worker worker(make_image(world.catalog));
  Matched call(worker);
  call.header("Authorization", "Bearer abc", FieldId::Authorization).header("apikey", "prod-key");
  EXPECT_EQ(authenticate(call.x), Verdict::Next);
  EXPECT_TRUE(call.x.request.fields[0].dropped);
}

TEST(Authenticate, AMandatoryClientCertificateIsRefusedEvenWithAKey) {
  World world = pizza_world();
  model::Security& security = world.catalog.apis.at(1).api.security;
  security.mutual_tls = true;
  security.mutual_tls_mandatory = true;
  Worker worker(make_image(world.catalog));
  Matched call(worker);
  call.header("apikey", "prod-key");
  expect_refused(call, FaultCode::KeyUnknown, 401, 900901);
  EXPECT_TRUE(
      call.x.answer.challenge.starts_with(R"(Mutual SSL realm="WSO2 API Manager", API Key)"));
}

TEST(Authenticate, AnOptionalClientCertificateLeavesTheKey) {
  World world = pizza_world();
  model::Security& security = world.catalog.apis.at(1).api.security;
  security.mutual_tls = true;
  security.application_mandatory = false;
  Worker worker(make_image(world.catalog));
  Matched with_key(worker);
  with_key.header("apikey", "prod-key");
  EXPECT_EQ(authenticate(with_key.x), Verdict::Next);
  Matched without(worker);
  expect_refused(without, FaultCode::KeyMissing, 401, 900902);
}

TEST(Authenticate, AnInternalKeyIsNeitherAcceptedNorForwarded) {
  Worker worker(make_image(pizza_world().catalog));
  Matched call(worker);
  call.header("Internal-Key", "prod-key", FieldId::InternalKey);
  expect_refused(call, FaultCode::KeyUnknown, 401, 900901);
  EXPECT_TRUE(call.x.request.fields[0].dropped);
}

TEST(Authenticate, AnAuthorizationThatIsNotTheGatewaysGoesThrough) {
  Worker worker(make_image(pizza_world().catalog));
  Matched call(worker);
  call.header("Authorization", "Bearer for-the-backend", FieldId::Authorization)
      .header("apikey", "prod-key");
  ASSERT_EQ(authenticate(call.x), Verdict::Next);
  EXPECT_FALSE(call.x.request.fields[0].dropped);
}

TEST(Authenticate, ACustomKeyHeaderReplacesTheUsualOne) {
  World world = pizza_world();
  world.catalog.apis.at(1).api.api_key_header = "X-Pizza-Key";
  Worker worker(make_image(world.catalog));
  Matched call(worker);
  call.header("X-PIZZA-KEY", "prod-key");
  EXPECT_EQ(authenticate(call.x), Verdict::Next);
  Matched usual(worker);
  usual.header("apikey", "prod-key");
  expect_refused(usual, FaultCode::KeyMissing, 401, 900902);
}

}  // namespace
}  // namespace apim::auth
