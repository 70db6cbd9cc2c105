// What the 401 texts promise: WSO2's wording, by the API's schemes and header names.

#include "auth/challenge.h"

#include "support/world.h"

namespace apim::auth {
namespace {

using test::operation;
using test::World;

TEST(Challenge, NamesEverySchemeInWso2sOrder) {
  World world;
  model::Api& api = world.add_api(1, "a", {operation(model::Verb::Get, "/x")});
  api.security = {.oauth2 = true,
                  .api_key = true,
                  .basic = true,
                  .mutual_tls = true,
                  .application_mandatory = true,
                  .mutual_tls_mandatory = false};
  const auto image = test::make_image(world.catalog);
  Arena arena;
  EXPECT_EQ(
      challenge_text(arena, *image->find_api(1)),
      R"(Mutual SSL realm="WSO2 API Manager", Bearer realm="WSO2 API Manager", Basic realm="WSO2 )"
      R"(API Manager", )"
      R"(API Key realm="WSO2 API Manager", Internal API Key realm="WSO2 API Manager", )"
      R"(error="invalid_token", )"
      R"(error_description="The provided token is invalid")");
}

TEST(Challenge, FormsUseTheApisHeaders) {
  World world;
  model::Api& api = world.add_api(1, "a", {operation(model::Verb::Get, "/x")});
  api.authorization_header = "X-Auth";
  api.api_key_header = "X-Key";
  const auto image = test::make_image(world.catalog);
  Arena arena;
  EXPECT_EQ(credential_forms(arena, *image->find_api(1)),
            "'x-auth : Bearer ACCESS_TOKEN' or 'x-auth : Basic ACCESS_TOKEN' or 'x-key : API_KEY'");
}

}  // namespace
}  // namespace apim::auth
