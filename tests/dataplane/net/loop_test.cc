// What a loop promises: a clock that stands still within a turn, later work once, and an end that
// leaves nothing open.

#include "net/loop.h"

#include "support_loop.h"

namespace apim::net {
namespace {

struct Work final : Later {
  explicit Work(std::string& log, char name) : log_(log), name_(name) {}
  void on_later() override {
    log_ += name_;
    if (then != nullptr) loop->later(*then);
  }
  std::string& log_;
  char name_;
  Loop* loop = nullptr;
  Work* then = nullptr;
};

TEST(Loop, LaterWorkRunsOnceInOrderAndMayQueueMore) {
  Loop loop;
  std::string log;
  Work a(log, 'a'), b(log, 'b'), c(log, 'c'), d(log, 'd');
  a.loop = &loop;
  a.then = &d;
  loop.later(a);
  loop.later(b);
  loop.later(a);
  loop.later(c);
  loop.forget(b);
  run_until(loop, [&] { return log.size() == 3; });
  EXPECT_EQ(log, "acd");
  run_out(loop);
}

TEST(Loop, ForgettingTheLastKeepsTheListWhole) {
  Loop loop;
  std::string log;
  Work a(log, 'a'), b(log, 'b');
  loop.later(a);
  loop.forget(a);
  loop.later(b);
  loop.forget(a);
  run_until(loop, [&] { return !log.empty(); });
  EXPECT_EQ(log, "b");
  run_out(loop);
}

TEST(Loop, TheClockStandsStillWithinATurn) {
  Loop loop;
  const uint64_t first = loop.now_ns();
  while (uv_hrtime() < first + 2'000'000) {
  }
  EXPECT_EQ(loop.now_ns(), first);
  run_until(loop, [&] { return loop.now_ns() > first; });
  EXPECT_GT(loop.wall_ms(), 1'600'000'000'000ULL);
  run_out(loop);
}

TEST(Loop, TellsSinceWhenATurnIsBusy) {
  Loop loop;
  EXPECT_EQ(loop.busy_since_ns(), 0U);
  const uint64_t now_ns = loop.now_ns();
  EXPECT_EQ(loop.busy_since_ns(), now_ns);
  loop.stop();
  EXPECT_EQ(loop.busy_since_ns(), 0U);
  loop.run();
}

struct Due final : Deadline {
  void on_due() override { has_fired = true; }
  bool has_fired = false;
};

TEST(Loop, DeadlinesFireFromTheLoop) {
  Loop loop;
  Due due;
  loop.arm_in(due, 5);
  run_until(loop, [&] { return due.has_fired; });
  run_out(loop);
}

}  // namespace
}  // namespace apim::net
