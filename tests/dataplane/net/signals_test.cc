// What signals promise: they arrive on the loop, and SIGPIPE kills nobody.

#include "net/signals.h"

#include <gtest/gtest.h>

#include <csignal>

#include "net/versions.h"
#include "support_loop.h"

namespace apim::net {
namespace {

struct Owner final : SignalOwner {
  void on_signal(int number) override { numbers.push_back(number); }
  std::vector<int> numbers;
};

TEST(Signals, ArriveOnTheLoop) {
  Loop loop;
  Owner owner;
  Signals signals(loop, owner);
  ::raise(SIGPIPE);
  ::raise(SIGHUP);
  run_until(loop, [&] { return owner.numbers.size() == 1; });
  EXPECT_EQ(owner.numbers[0], SIGHUP);
  signals.leave();
  run_out(loop);
}

TEST(Versions, AreThoseOfTheLinkedLibraries) {
  EXPECT_EQ(libuv_version_text(), uv_version_string());
  EXPECT_TRUE(boringssl_version_text().starts_with("API "));
}

}  // namespace
}  // namespace apim::net
