// What Login promises. Time is a variable here.

#include "service/login.h"

#include <gtest/gtest.h>

#include <thread>

#include "controller/service/support_office.h"
#include "service/users.h"
#include "store/users.h"

namespace apim::service {
namespace {

using testing::must;
using testing::Office;

struct Door {
  Door()
      : login(office.store(), {.failures = 3,
                               .wait_ms = 1'000,
                               .wait_max_ms = 4'000,
                               .remember_ms = 10'000,
                               .hashes_max = 2,
                               .clock = [this] { return now_ms; }}) {
    must(users::make_first_admin(office.store(), "correct horse"));
  }
  int status(const std::string& user, const std::string& password,
             const std::string& address = "10.0.0.1") {
    const auto caller = login.verify({user, password, address});
    return caller.has_value() ? 200 : caller.error().http_status;
  }

  Office office;
  int64_t now_ms = 1;
  Login login;
};

TEST(Login, TheRightPasswordGivesTheScopesOfTheRoles) {
  Door door;
  const auto caller = must(door.login.verify({"admin", "correct horse", "10.0.0.1"}));
  EXPECT_EQ(caller.user, "admin");
  EXPECT_TRUE(caller.may("apim:admin"));
}

TEST(Login, AWrongPasswordAndAnUnknownUserLookTheSame) {
  Door door;
  const auto wrong = door.login.verify({"admin", "wrong", "10.0.0.1"});
  const auto unknown = door.login.verify({"nobody", "wrong", "10.0.0.1"});
  EXPECT_EQ(wrong.error().http_status, 401);
  EXPECT_EQ(wrong.error().description, unknown.error().description);
  EXPECT_EQ(door.status("", ""), 401);
  EXPECT_EQ(door.status(std::string("admin\0", 6), "correct horse"), 401);
}

TEST(Login, FailuresSlowDownThatUserFromThatAddressOnly) {
  Door door;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(door.status("admin", "wrong"), 401);
  EXPECT_EQ(door.status("admin", "wrong"), 429);
  EXPECT_EQ(door.status("ADMIN", "correct horse"), 429);
  EXPECT_EQ(door.status("admin", "correct horse", "10.0.0.2"), 200);
}

TEST(Login, TheWaitDoublesUpToItsBoundAndEndsWithSuccess) {
  Door door;
  for (int i = 0; i < 3; ++i) door.status("admin", "wrong");
  door.now_ms += 1'000;
  EXPECT_EQ(door.status("admin", "wrong"), 401);
  door.now_ms += 1'999;
  EXPECT_EQ(door.status("admin", "correct horse"), 429);
  door.now_ms += 1;
  EXPECT_EQ(door.status("admin", "correct horse"), 200);
  EXPECT_EQ(door.status("admin", "wrong"), 401);
  EXPECT_EQ(door.status("admin", "wrong"), 401);
}

TEST(Login, AChangedPasswordEndsTheOldOneAtOnce) {
  Door door;
  EXPECT_EQ(door.status("admin", "correct horse"), 200);
  must(users::change_password(door.office.context(), testing::admin(), "correct horse",
                              "battery staple"));
  EXPECT_EQ(door.status("admin", "correct horse"), 401);
  EXPECT_EQ(door.status("admin", "battery staple"), 200);
}

TEST(Login, ALockedUserIsOutAtOnce) {
  Door door;
  EXPECT_EQ(door.status("admin", "correct horse"), 200);
  must(door.office.store().shared().write(
      [](Transaction& tx) { return store::users::set_locked(tx, "carbon.super", "admin", true); }));
  EXPECT_EQ(door.status("admin", "correct horse"), 401);
}

TEST(Login, ARememberedPasswordStaysRightWhileOthersGuess) {
  Door door;
  EXPECT_EQ(door.status("admin", "correct horse"), 200);
  for (int i = 0; i < 5; ++i) door.status("admin", "wrong");
  EXPECT_EQ(door.status("admin", "correct horse"), 200);
}

TEST(Login, ATenantsNameMayFollow) {
  Door door;
  EXPECT_EQ(door.status("admin@carbon.super", "correct horse"), 200);
  EXPECT_EQ(door.status("admin@nowhere.com", "correct horse"), 401);
}

TEST(Login, ManyAtOnceAreAllAnswered) {
  Door door;
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      good += door.status("admin", "correct horse", "10.0.1." + std::to_string(i)) == 200;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 8);
}

}  // namespace
}  // namespace apim::service
