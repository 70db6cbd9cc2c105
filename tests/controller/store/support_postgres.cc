#include "controller/store/support_postgres.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <thread>
#include <vector>

namespace apim::store {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void give_up(const std::string& why) { throw std::runtime_error("postgres: " + why); }

std::string binary(const std::string& name) {
  std::string found;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql")) {
    const fs::path path = version.path() / "bin" / name;
    if (fs::exists(path)) found = std::max(found, path.string());
  }
  if (found.empty()) give_up("no " + name + " below /usr/lib/postgresql; run tools/do setup");
  return found;
}

// The server refuses to run as root.
const passwd* server_user() {
  if (geteuid() != 0) return nullptr;
  const passwd* user = getpwnam("postgres");
  if (user == nullptr) give_up("there is no user 'postgres'");
  return user;
}

pid_t start(const std::vector<std::string>& words, const std::string& log) {
  const passwd* user = server_user();
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child != 0) return child;
  if (user != nullptr &&
      (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) {
    _exit(126);
  }
  const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(file, STDOUT_FILENO);
  dup2(file, STDERR_FILENO);
  if (chdir("/") != 0) _exit(126);
  execv(arguments[0], arguments.data());
  _exit(127);
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

// Starts the server and, once the pipe's other end is closed, stops it and tidies up.
[[noreturn]] void be_janitor(int alive, const std::string& folder) {
  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_IGN);
  const pid_t server = start(
      {binary("postgres"), "-D", folder + "/data", "-k", folder, "-c", "listen_addresses=", "-c",
       "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=60", "-c",
       "shared_buffers=32MB", "-c", "autovacuum=off", "-c", "logging_collector=off"},
      folder + "/log");
  char byte = 0;
  while (read(alive, &byte, 1) < 0 && errno == EINTR) {
  }
  kill(server, SIGQUIT);
  wait_for(server);
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  _exit(0);
}

}  // namespace

Postgres& Postgres::running() {
  static Postgres server;
  return server;
}

Postgres::Postgres() {
  std::string pattern = (fs::temp_directory_path() / "apim-postgres-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) give_up("cannot make a folder");
  folder_ = pattern;
  if (const passwd* user = server_user()) {
    if (chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0)
      give_up("cannot give the folder away");
  }
  const pid_t maker = start({binary("initdb"), "-D", folder_ + "/data", "-U", "apim", "-A", "trust",
                             "-E", "UTF8", "--locale=C.UTF-8", "-N"},
                            folder_ + "/log");
  if (wait_for(maker) != 0) give_up("initdb failed; see " + folder_ + "/log");

  int ends[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC) != 0) give_up("no pipe");
  if (fork() == 0) {
    close(ends[1]);
    be_janitor(ends[0], folder_);
  }
  close(ends[0]);  // the other end stays open as long as this process lives

  using namespace std::chrono;
  const auto deadline = steady_clock::now() + seconds(60);
  for (;;) {
    try {
      soci::session session(soci::postgresql, url("postgres"));
      return;
    } catch (const std::exception& error) {
      if (steady_clock::now() > deadline) give_up(std::string("does not come up: ") + error.what());
    }
    std::this_thread::sleep_for(milliseconds(10));
  }
}

std::string Postgres::url(const std::string& database) const {
  return "postgresql://apim@/" + database + "?host=" + folder_;
}

void Postgres::create(const std::string& database, const std::string& copy_of) {
  soci::session session(soci::postgresql, url("postgres"));
  session << "CREATE DATABASE " + database + " TEMPLATE " + copy_of;
}

void Postgres::drop(const std::string& database) {
  soci::session session(soci::postgresql, url("postgres"));
  session << "DROP DATABASE IF EXISTS " + database + " WITH (FORCE)";
}

}  // namespace apim::store
