// What a takeover promises: it serves when it can and not before, or gives up and harms nobody.

#include "gate/takeover.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <functional>

namespace apim::gate {
namespace {

using testing::HasSubstr;

// A process that does nothing until a signal ends it.
class Bystander {
 public:
  Bystander() {
    // Nothing reaches the child before it is what it says.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_ = ::fork();
    if (pid_ != 0) {
      sigprocmask(SIG_SETMASK, &before, nullptr);
      return;
    }
    std::signal(SIGUSR1, SIG_IGN);
    std::signal(SIGTERM, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    for (;;) ::pause();
  }
  ~Bystander() { end(SIGKILL); }
  // The signal that ended it.
  int end(int number) {
    if (pid_ == 0) return 0;
    if (number != 0) ::kill(pid_, number);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    return WTERMSIG(status);
  }
  bool is_alive() const { return ::waitpid(pid_, nullptr, WNOHANG) == 0; }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
};

std::string own_name() {
  std::string name;
  std::ifstream comm("/proc/self/comm");
  std::getline(comm, name);
  return name;
}

struct Attempt {
  explicit Attempt(const Predecessor& predecessor)
      : takeover(loop, lock, predecessor,
                 {.is_ready = [this] { return ++looks > 3 && ready; },
                  .serve =
                      [this] {
                        ++served;
                        if (on_serve) on_serve();
                        return can_serve;
                      },
                  .tell_ready =
                      [this] {
                        ++told;
                        loop.stop();
                      },
                  .give_up =
                      [this] {
                        ++given_up;
                        loop.stop();
                      }}) {}

  net::Loop loop;
  CacheLock lock;
  bool ready = true;
  bool can_serve = true;
  int looks = 0;
  int served = 0;
  std::function<void()> on_serve;
  int told = 0;
  int given_up = 0;
  Takeover takeover;
};

TEST(Predecessor, IsAGatewayThatRuns) {
  Bystander other;
  Predecessor named;
  const auto opened = named.open(other.pid(), "some-other-name");
  EXPECT_THAT(opened.error(), HasSubstr("'" + own_name() + "'"));
  Predecessor self;
  EXPECT_THAT(self.open(getpid()).error(), HasSubstr("this process"));
  const pid_t gone = other.pid();
  other.end(SIGKILL);
  Predecessor missing;
  EXPECT_THAT(missing.open(gone).error(), HasSubstr("no such process"));
}

TEST(Takeover, EndsTheOldOneOnceItServes) {
  Bystander old;
  Predecessor predecessor;
  ASSERT_TRUE(predecessor.open(old.pid(), own_name()));
  Attempt run(predecessor);
  run.takeover.start(60'000);
  run.loop.run();
  EXPECT_EQ(run.served, 1);
  EXPECT_EQ(run.told, 1);
  EXPECT_EQ(run.given_up, 0);
  EXPECT_GT(run.looks, 3);
  EXPECT_EQ(old.end(0), SIGTERM);
}

// Takes over from one that holds its cache directory and lets it go, or not, when the new one
// serves. The holder is this process itself, under another description of the same file.
void take_over_directory(bool lets_go) {
  const std::string path = testing::TempDir() + "takeover." + std::to_string(getpid());
  Bystander old;
  Predecessor predecessor;
  ASSERT_TRUE(predecessor.open(old.pid(), own_name()));
  CacheLock holder;
  ASSERT_TRUE(holder.open(path, 0));
  Attempt run(predecessor);
  ASSERT_TRUE(run.lock.open(path, getpid()));
  run.on_serve = [&] {
    EXPECT_EQ(run.told, 0);
    if (lets_go) holder.release();
  };
  run.takeover.start(60'000);
  run.loop.run();
  EXPECT_EQ(run.told, 1);
  EXPECT_EQ(run.lock.is_held(), lets_go);
}

TEST(Takeover, TellsOnceTheDirectoryIsItsOwn) { take_over_directory(true); }

TEST(Takeover, TellsAlthoughTheOldOneHangs) { take_over_directory(false); }

TEST(Takeover, GivesUpAndLeavesTheOldOneAlone) {
  Bystander old;
  Predecessor predecessor;
  ASSERT_TRUE(predecessor.open(old.pid(), own_name()));
  Attempt run(predecessor);
  run.ready = false;
  run.takeover.start(100);
  run.loop.run();
  EXPECT_EQ(run.served, 0);
  EXPECT_EQ(run.given_up, 1);
  EXPECT_TRUE(old.is_alive());
}

TEST(Takeover, ThatCannotListenLeavesTheOldOneAlone) {
  Bystander old;
  Predecessor predecessor;
  ASSERT_TRUE(predecessor.open(old.pid(), own_name()));
  Attempt run(predecessor);
  run.can_serve = false;
  run.takeover.start(60'000);
  run.loop.run();
  EXPECT_EQ(run.given_up, 1);
  EXPECT_TRUE(old.is_alive());
}

}  // namespace
}  // namespace apim::gate
