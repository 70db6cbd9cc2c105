// What a stack promises: the frames of the thread that was asked, a bound, and silence where a
// thread does not answer.

#include "gate/stack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace apim::gate {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A thread that sits still until it is let go.
class Sitter {
 public:
  explicit Sitter(bool admits) {
    prepare_stacks();
    thread_ = std::thread([this, admits] { sit(admits); });
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return sits_; });
  }
  ~Sitter() {
    {
      const std::lock_guard guard(mutex_);
      may_go_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  pthread_t handle() { return thread_.native_handle(); }

 private:
  void sit(bool admits) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    if (admits) admit_stack_signal();
    std::unique_lock lock(mutex_);
    sits_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return may_go_; });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool sits_ = false;
  bool may_go_ = false;
  std::thread thread_;
};

TEST(Stack, NamesTheFramesOfTheThreadAsModulesAndOffsets) {
  Sitter sitter(true);
  for (int i = 0; i < 3; ++i) {
    const std::string stack = stack_of(sitter.handle(), 24);
    EXPECT_THAT(stack, HasSubstr(std::string(program_invocation_short_name) + "+0x"));
    EXPECT_THAT(stack, HasSubstr("libc.so"));
    EXPECT_EQ(stack.find('/'), std::string::npos) << stack;
  }
}

TEST(Stack, HoldsNoMoreFramesThanAskedFor) {
  Sitter sitter(true);
  EXPECT_EQ(std::ranges::count(stack_of(sitter.handle(), 3), ' '), 2);
  EXPECT_EQ(std::ranges::count(stack_of(sitter.handle(), 1), ' '), 0);
}

TEST(Stack, AThreadThatDoesNotAnswerLeavesTheNextOneItsTurn) {
  Sitter deaf(false);
  EXPECT_THAT(stack_of(deaf.handle(), 24), IsEmpty());
  Sitter sitter(true);
  EXPECT_THAT(stack_of(sitter.handle(), 24), Not(IsEmpty()));
}

TEST(Stack, ASignalThatNobodyAskedForChangesNothing) {
  Sitter sitter(true);
  ASSERT_EQ(pthread_kill(sitter.handle(), kStackSignal), 0);
  EXPECT_THAT(stack_of(sitter.handle(), 24), Not(IsEmpty()));
}

}  // namespace
}  // namespace apim::gate
