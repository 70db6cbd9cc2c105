#include "gate/gateway.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "gate/gateway_id.h"
#include "gate/memory.h"
#include "net/tls.h"

namespace apim::gate {
namespace {

constexpr size_t kDescriptorsKept = 64;  // For the admin port, files, and what libraries open.

size_t worker_count(const Settings& settings) {
  if (settings.worker.count != 0) return settings.worker.count;
  return std::clamp<size_t>(std::thread::hardware_concurrency(), 1, 255);
}

// What the workers said so far. Shared with those that are late.
class Survey {
 public:
  void add(const WorkerChoice& choice) {
    const std::lock_guard guard(mutex_);
    choices_.push_back(choice);
    added_.notify_one();
  }

  // The answers in the workers' order; after kSurveyTime those that came.
  std::vector<WorkerChoice> wait(size_t count) {
    std::unique_lock lock(mutex_);
    added_.wait_for(lock, kSurveyTime, [&] { return choices_.size() == count; });
    std::vector<WorkerChoice> choices = choices_;
    std::ranges::sort(choices, {}, &WorkerChoice::worker);
    return choices;
  }

 private:
  static constexpr std::chrono::milliseconds kSurveyTime{250};
  std::mutex mutex_;
  std::condition_variable added_;
  std::vector<WorkerChoice> choices_;
};

std::string cannot_listen(const char* setting, const setting::AddressPort& where) {
  return std::string(setting) + ": cannot listen on " + where.text() + ": " + std::strerror(errno);
}

}  // namespace

Gateway::Gateway(const Settings& settings, pid_t replaces)
    : settings_(settings),
      wake_(loop_),
      signals_(loop_, *this),
      counters_(settings.limits.counters),
      metrics_(worker_count(settings)),
      shared_{.settings = settings,
              .counters = counters_,
              .metrics = metrics_,
              .access = nullptr,
              .adopted = [this](uint64_t epoch) { keeper_->adopted(epoch); },
              .retire =
                  [this](std::shared_ptr<const snapshot::Image> image) {
                    keeper_->retire(std::move(image));
                  },
              .stopped = [this] { wake_.post([this] { on_worker_stopped(); }); }},
      replaces_(replaces),
      takeover_(loop_, cache_lock_, predecessor_,
                {.is_ready = [this] { return keeper_->state().epoch != 0; },
                 .serve = [this] { return begin_serving(); },
                 .tell_ready = [this] { tell_ready(); },
                 .give_up = [this] { give_up(); }}) {}

Gateway::~Gateway() {
  if (has_run_) return;
  close_sockets();
  // Never served: the loop still has to let its residents go.
  signals_.leave();
  wake_.leave();
  loop_.stop();
  loop_.run();
}

void Gateway::close_sockets() {
  for (const net::ListenSocket& socket : sockets_) ::close(socket.descriptor);
  sockets_.clear();
}

std::expected<void, std::string> Gateway::open() {
  const size_t count = metrics_.worker_count();
  // A client's request needs a back end's descriptor too; files and the admin port need some.
  const size_t descriptors = raise_descriptor_limit();
  const size_t shared_out =
      descriptors > 2 * kDescriptorsKept ? descriptors - kDescriptorsKept : descriptors;
  shared_.connections_max = std::min<size_t>(settings_.limits.connections, shared_out / 2 / count);
  if (replaces_ != 0) {
    if (auto found = predecessor_.open(replaces_); !found) return found;
  }
  if (auto locked = cache_lock_.open(settings_.snapshot.cache_dir, replaces_); !locked)
    return locked;
  auto id = gateway_id(settings_.gateway.id, settings_.snapshot.cache_dir);
  if (!id) return std::unexpected(id.error());
  id_ = std::move(*id);
  for (size_t i = 0; i < count; ++i) {
    auto tls = net::TlsContext::open(settings_.upstream.ca_file);
    if (tls) {
      tls_.push_back(std::move(*tls));
    } else if (settings_.upstream.ca_file.empty()) {
      tls_.push_back(nullptr);  // A machine without authorities: https endpoints are refused, http
                                // ones served.
    } else {
      return std::unexpected("upstream.ca_file: cannot use " + settings_.upstream.ca_file);
    }
  }
  if (!settings_.log.access.empty()) {
    auto access = observe::AccessLog::open(settings_.log.access, count);
    if (!access) return std::unexpected("log.access: cannot open " + settings_.log.access);
    access_ = std::move(*access);
    shared_.access = access_.get();
  }
  if (auto opened = open_sockets(count); !opened) return opened;
  return open_keeper(count);
}

std::expected<void, std::string> Gateway::open_sockets(size_t count) {
  // Bound only, the kernel sends us nothing yet.
  const auto open = replaces_ != 0 ? net::bind_socket : net::listen_socket;
  uint16_t port = settings_.listen.http.port;
  for (size_t i = 0; i < count; ++i) {
    const auto socket = open(settings_.listen.http.host, port);
    if (!socket) return std::unexpected(cannot_listen("listen.http", settings_.listen.http));
    sockets_.push_back(*socket);
    port = socket->port;  // The others share what the first one was given.
  }
  http_port_ = port;
  const auto admin = open(settings_.listen.admin.host, settings_.listen.admin.port);
  if (!admin) return std::unexpected(cannot_listen("listen.admin", settings_.listen.admin));
  sockets_.push_back(*admin);
  admin_port_ = admin->port;
  return {};
}

std::expected<void, std::string> Gateway::open_keeper(size_t count) {
  snapshot::KeeperSettings keeper;
  keeper.hub = settings_.snapshot.hub;
  keeper.public_key_file = settings_.snapshot.public_key_file;
  keeper.cache_dir = settings_.snapshot.cache_dir;
  keeper.environment = settings_.gateway.environment;
  keeper.gateway_id = id_;
  keeper.host_name = host_name();
  keeper.version = APIM_VERSION;
  keeper.worker_count = static_cast<uint32_t>(count);
  keeper.poll_ms = static_cast<uint32_t>(settings_.snapshot.poll_ms);
  auto opened = snapshot::Keeper::open(std::move(keeper),
                                       [this](std::shared_ptr<const snapshot::Image> image) {
                                         for (const auto& worker : workers_) worker->adopt(image);
                                       });
  if (!opened) return std::unexpected(opened.error());
  keeper_ = std::move(*opened);
  return {};
}

bool Gateway::run() {
  assert(keeper_ != nullptr);
  assert(!has_run_);
  has_run_ = true;
  for (size_t i = 0; i + 1 < sockets_.size(); ++i) {
    workers_.push_back(std::make_unique<Worker>(static_cast<uint8_t>(i), shared_, sockets_[i],
                                                std::move(tls_[i])));
  }
  admin_ = std::make_unique<AdminServer>(
      loop_, sockets_.back(), [this](const AdminRequest& request) { return admin(request); },
      [this] { end_stop(); });
  running_count_ = workers_.size();
  start_watchdog();
  for (const auto& worker : workers_) worker->start();
  keeper_->start();
  start_ceiling();
  if (replaces_ != 0) {
    takeover_.start(settings_.snapshot.takeover_ms);
  } else {
    tell_ready();
  }
  loop_.run();
  workers_.clear();
  return !has_given_up_;
}

bool Gateway::begin_serving() {
  for (net::ListenSocket& socket : sockets_) {
    if (net::start_listening(socket)) continue;
    log::error("cannot_listen", {{"port", socket.port}, {"errno", errno}});
    return false;
  }
  for (const auto& worker : workers_) worker->open();
  admin_->open();
  return true;
}

void Gateway::give_up() {
  log::error("upgrade_given_up",
             {{"replaces", replaces_}, {"reason", keeper_->state().refused_reason}});
  std::fprintf(stderr,
               "apim-gateway: --replaces %d: not ready to serve within snapshot.takeover_ms (%llu "
               "ms); that process goes on\n",
               replaces_, static_cast<unsigned long long>(settings_.snapshot.takeover_ms));
  has_given_up_ = true;
  begin_stop();
}

void Gateway::tell_ready() const {
  std::printf("apim-gateway: listening on http %s:%u, admin %s:%u\n",
              settings_.listen.http.host.c_str(), unsigned{http_port_},
              settings_.listen.admin.host.c_str(), unsigned{admin_port_});
  std::fflush(stdout);
  log::info("gateway_started", {{"id", id_},
                                {"environment", settings_.gateway.environment},
                                {"workers", workers_.size()},
                                {"version", APIM_VERSION}});
}

void Gateway::on_signal(int number) {
  if (number == SIGHUP) {
    if (access_ != nullptr) access_->reopen();
    return log::info("access_log_reopened");
  }
  if (number == SIGUSR1) {
    is_replaced_ = true;
    admin_->hand_over();
    return log::info("admin_handed_over");
  }
  begin_stop();
}

void Gateway::begin_stop() {
  log::info(is_stopping_ ? "gateway_stopping_now" : "gateway_draining");
  is_stopping_ = true;
  takeover_.leave();
  cache_lock_.release();
  for (const auto& worker : workers_) worker->drain();
}

void Gateway::on_worker_stopped() {
  assert(running_count_ > 0);
  if (--running_count_ > 0) return;
  for (const auto& worker : workers_) worker->join();
  keeper_->stop();
  admin_->leave();
}

void Gateway::end_stop() {
  log::info("gateway_stopped");
  signals_.leave();
  wake_.leave();
  loop_.stop();
}

AdminPage Gateway::admin(const AdminRequest& request) const {
  AdminState state;
  state.keeper = keeper_->state();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  state.now_ms =
      static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  state.gateway_id = id_;
  state.environment = settings_.gateway.environment;
  // Who asks about this address is told of the address: its successor serves there.
  state.draining = is_stopping_ && !is_replaced_;
  for (const auto& worker : workers_) {
    state.workers.push_back({.epoch = worker->epoch(), .images = worker->live_images()});
  }
  state.metrics = &metrics_;
  state.access_dropped = access_ != nullptr ? access_->dropped() : 0;
  state.counters_used = counters_.size();
  state.pressure = shared_.pressure.level();
  state.why = [this, &state](const AdminRequest& asked) { return why(asked, state); };
  return admin_page(request, state);
}

AdminPage Gateway::why(const AdminRequest& request, const AdminState& state) const {
  WhyState asked{.image = state.keeper.image,
                 .live_epoch = state.keeper.epoch,
                 .now_ms = state.now_ms,
                 .gateway_id = id_,
                 .settings = settings_,
                 .counters = counters_,
                 .choices = [this](const ChoiceQuestion& question) { return choices(question); }};
  return why_page(request, asked);
}

// The one thing that is a worker's own: it is asked on its own loop and answers in its turn.
std::vector<WorkerChoice> Gateway::choices(const ChoiceQuestion& question) const {
  const auto survey = std::make_shared<Survey>();
  for (size_t i = 0; i < workers_.size(); ++i) {
    workers_[i]->foretell(
        [this, survey, asked = question, i](upstream::Balance balance, uint64_t now_ms) mutable {
          survey->add({.worker = static_cast<uint8_t>(i),
                       .choice = balance.choose(*asked.api, *asked.group, 0, now_ms)});
          keeper_->retire(std::move(asked.image));
        });
  }
  return survey->wait(workers_.size());
}

// The watchdog alone writes this counter, whose worker cannot.
void Gateway::start_watchdog() {
  if (settings_.watchdog.warn_ms == 0) return;
  watchdog_ = std::make_unique<Watchdog>(settings_.watchdog.warn_ms, [this](const Stall& stall) {
    metrics_.worker(stall.worker).add(Counter::LoopStalls);
    log::warn("loop_stalled",
              {{"worker", stall.worker}, {"ms", stall.busy_ms}, {"stack", stall.stack}});
  });
  shared_.watchdog = watchdog_.get();
}

void Gateway::start_ceiling() {
  if (settings_.limits.memory_bytes == 0) return;
  const uint64_t limit_bytes = std::min(settings_.limits.memory_bytes, granted_bytes());
  ceiling_ = std::make_unique<Ceiling>(
      loop_, limit_bytes, [] { return resident_bytes(); }, shared_.pressure,
      [this] {
        for (const auto& worker : workers_) worker->press();
      });
}

// Clients and backends together need two descriptors a request.
size_t Gateway::raise_descriptor_limit() const {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  if (before == limit.rlim_max || setrlimit(RLIMIT_NOFILE, &limit) == 0) return limit.rlim_max;
  log::warn("descriptor_limit_unchanged", {{"errno", errno}});
  return before;
}

}  // namespace apim::gate
