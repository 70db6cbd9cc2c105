// What take_api_key() promises: it finds the key once, counts every copy, and leaves the rest of
// the query as it was.

#include "auth/api_key.h"

#include "support/world.h"

namespace apim::auth {
namespace {

using test::Call;
using test::Worker;
using test::World;

class ApiKey : public ::testing::Test {
 protected:
  ApiKey() : worker_(test::make_image(World().catalog)) {}

  struct Taken {
    std::string key;
    uint8_t count;
    std::string query;
  };
  Taken take(std::string_view query) {
    Call call(worker_, http::Method::Get, "/", query);
    const auto presented = take_api_key(call.x, "apikey");
    EXPECT_TRUE(presented.has_value());
    return {std::string(presented->key), presented->count,
            std::string(call.x.request.target.query)};
  }

  Worker worker_;
};

TEST_F(ApiKey, IsDecodedOnce) {
  EXPECT_EQ(take("apikey=a%2Bb").key, "a+b");
  EXPECT_EQ(take("apikey=a+b").key, "a+b");
  EXPECT_EQ(take("apikey=%2525").key, "%25");
  EXPECT_EQ(take("apikey=a%2").key, "a%2");
  EXPECT_EQ(take("apikey=a%zz").key, "a%zz");
  EXPECT_EQ(take("apikey=a=b").key, "a=b");
}

TEST_F(ApiKey, WithoutAValueIsThereAndEmpty) {
  EXPECT_EQ(take("apikey").count, 1);
  EXPECT_EQ(take("apikey").key, "");
  EXPECT_EQ(take("apikey=").count, 1);
}

TEST_F(ApiKey, OtherParametersStayInOrder) {
  EXPECT_EQ(take("b=2&apikey=k&a=1&c").query, "b=2&a=1&c");
  EXPECT_EQ(take("xapikey=k&apikeyx=k").query, "xapikey=k&apikeyx=k");
  EXPECT_EQ(take("xapikey=k&apikeyx=k").count, 0);
}

TEST_F(ApiKey, EveryCopyIsCountedAndTakenOut) {
  std::string query;
  for (int i = 0; i < 300; ++i) query += "apikey=k&";
  const Taken taken = take(query + "a=1");
  EXPECT_EQ(taken.count, 255);
  EXPECT_EQ(taken.query, "a=1");
}

TEST_F(ApiKey, AFullArenaIsAFaultAndNotAKeyForTheBackend) {
  Call call(worker_, http::Method::Get, "/", "apikey=k&a=1");
  while (call.x.arena.allocate(4096) != nullptr) {
  }
  while (call.x.arena.allocate(1, 1) != nullptr) {
  }
  const auto presented = take_api_key(call.x, "apikey");
  ASSERT_FALSE(presented);
  EXPECT_EQ(presented.error().code, FaultCode::Overloaded);
}

}  // namespace
}  // namespace apim::auth
