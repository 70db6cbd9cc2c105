// Main: apim-controller's process: settings, first start, publisher, server, and the way they stop.

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "publish/files.h"
#include "publish/hub_directory.h"
#include "publish/keys.h"
#include "publish/publisher.h"
#include "rest/config.h"
#include "rest/dispatch.h"
#include "rest/router.h"
#include "rest/server.h"
#include "rest/versions.h"
#include "service/login.h"
#include "service/users.h"
#include "store/store.h"

namespace apim {
namespace {

using model::Result;
using rest::Settings;

constexpr const char* kHelp =
    R"(apim-controller: the control plane: REST, database, compiler and publisher.

  --config FILE            settings (TOML); without it the documented defaults
  --set SECTION.KEY=VALUE  one setting, wins over the file; may be repeated
  --roles LIST             what to serve: publisher,devportal,admin (as --set server.roles=LIST)
  --print-config           print every setting with its default
  --version                print the version and those of the libraries
  --help                   print this
)";

struct Arguments {
  std::string config;
  std::vector<std::string> overrides;
  std::string print;  // what to print instead of serving
  std::string wrong;  // what is wrong with them
};

Arguments read_arguments(int count, char** values) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string name = values[i];
    const bool takes_value = name == "--config" || name == "--set" || name == "--roles";
    if (takes_value && i + 1 == count) {
      arguments.wrong = name + " needs a value";
      return arguments;
    }
    if (name == "--config") {
      arguments.config = values[++i];
    } else if (name == "--set") {
      arguments.overrides.emplace_back(values[++i]);
    } else if (name == "--roles") {
      arguments.overrides.push_back(std::string("server.roles=") + values[++i]);
    } else if (name == "--print-config") {
      arguments.print = rest::print_default_settings();
    } else if (name == "--version") {
      arguments.print = rest::versions_text();
    } else if (name == "--help") {
      arguments.print = kHelp;
    } else {
      arguments.wrong = fmt::format("'{}' is not an option; --help lists them", name);
      return arguments;
    }
  }
  return arguments;
}

Result<std::vector<rest::Role>> read_roles(const std::vector<std::string>& names) {
  std::vector<rest::Role> roles;
  for (const std::string& name : names) {
    if (name == "publisher") {
      roles.push_back(rest::Role::Publisher);
    } else if (name == "devportal") {
      roles.push_back(rest::Role::Devportal);
    } else if (name == "admin") {
      roles.push_back(rest::Role::Admin);
    } else {
      return model::refuse(model::bad_request(
          0, "server.roles",
          fmt::format("'{}' is not a role; there are publisher, devportal and admin", name)));
    }
  }
  if (roles.empty())
    return model::refuse(model::bad_request(0, "server.roles", "name at least one role"));
  return roles;
}

// Places that follow from data_dir.
Result<void> complete(Settings& settings) {
  const std::string& data = settings.server.data_dir;
  std::error_code error;
  const std::string whole = std::filesystem::absolute(data, error).string();
  if (error)
    return model::refuse(
        model::internal_error(fmt::format("server.data_dir: {}: {}", data, error.message())));
  if (settings.server.hub_dir.empty()) settings.server.hub_dir = data + "/hub";
  if (settings.database.apim_url.empty())
    settings.database.apim_url = "sqlite3://" + whole + "/apim.db";
  if (settings.database.shared_url.empty())
    settings.database.shared_url = settings.database.apim_url;
  return {};
}

Result<void> make_data_dir(const std::string& path) {
  std::error_code error;
  const bool is_new = !std::filesystem::exists(path, error);
  if (!error && is_new) {
    CHECK_OR_REFUSE(publish::make_directories(path));
    // Gateways of other users need the hub and the public key in it: let them pass, not look.
    if (chmod(path.c_str(), 0711) != 0) error = std::error_code(errno, std::generic_category());
  } else if (!error && !std::filesystem::is_directory(path, error)) {
    error = std::make_error_code(std::errc::not_a_directory);
  }
  if (!error) return {};
  return model::refuse(
      model::internal_error(fmt::format("server.data_dir: {}: {}", path, error.message())));
}

Result<std::string> read_password(const std::string& file) {
  if (file.empty()) return std::string();
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line) || line.empty())
    return model::refuse(
        model::internal_error(fmt::format("admin.password_file: {}: has no first line", file)));
  return line;
}

Result<void> make_first_admin(store::Store& store, const std::string& password_file) {
  ASSIGN_OR_REFUSE(const std::string given, read_password(password_file));
  ASSIGN_OR_REFUSE(const auto made, service::users::make_first_admin(store, given));
  if (!made) return {};
  if (given.empty()) {
    std::fprintf(stderr, "apim-controller: first start: user admin, password %s\n", made->c_str());
  } else {
    std::fprintf(stderr, "apim-controller: first start: user admin, password from %s\n",
                 password_file.c_str());
  }
  return {};
}

// SIGTERM and SIGINT, blocked in every thread, are waited for in one of its own.
class Stopper {
 public:
  Stopper() {
    sigemptyset(&signals_);
    for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) sigaddset(&signals_, signal);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }
  void watch(rest::Server& server, service::Context& context) {
    thread_ = std::thread([this, &server, &context] {
      int signal = 0;
      while (sigwait(&signals_, &signal) != 0) {
      }
      context.stopping = true;
      server.stop();
    });
  }
  // Ends the watch, whether a signal came or not.
  void join() {
    pthread_kill(thread_.native_handle(), SIGUSR1);
    thread_.join();
  }

 private:
  sigset_t signals_{};
  std::thread thread_;
};

service::LoginSettings login_settings(const Settings& settings) {
  service::LoginSettings login;
  login.failures = settings.login.failures;
  login.wait_ms = settings.login.wait_ms;
  login.wait_max_ms = settings.login.wait_max_ms;
  login.remember_ms = settings.login.remember_ms;
  return login;
}

void set_up_log(rest::setting::LogLevel level) {
  auto logger = spdlog::stderr_logger_mt("apim-controller");
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info,
                                                   spdlog::level::warn, spdlog::level::err};
  logger->set_level(kLevels[static_cast<size_t>(level)]);
  spdlog::set_default_logger(std::move(logger));
}

Result<void> serve(Settings settings, Stopper& stopper) {
  CHECK_OR_REFUSE(complete(settings));
  ASSIGN_OR_REFUSE(const std::vector<rest::Role> roles, read_roles(settings.server.roles));
  CHECK_OR_REFUSE(make_data_dir(settings.server.data_dir));
  ASSIGN_OR_REFUSE(const rest::Certificate certificate,
                   rest::load_or_make_certificate(settings.server.data_dir + "/tls"));
  ASSIGN_OR_REFUSE(const compile::SigningKey key,
                   publish::load_or_make_keys(settings.server.data_dir + "/keys"));
  store::StoreSettings places;
  places.apim_url = settings.database.apim_url;
  places.shared_url = settings.database.shared_url;
  ASSIGN_OR_REFUSE(const std::unique_ptr<store::Store> store, store::Store::open(places));
  CHECK_OR_REFUSE(make_first_admin(*store, settings.admin.password_file));
  ASSIGN_OR_REFUSE(const std::unique_ptr<publish::Hub> hub,
                   publish::open_hub_directory(settings.server.hub_dir));

  publish::PublisherSettings pace;
  pace.debounce_ms = static_cast<int64_t>(settings.publish.debounce_ms);
  pace.allow_metadata = settings.egress.allow_metadata;
  publish::Publisher publisher(store->apim(), *hub, key, pace);
  service::Context context{*store, publisher, *hub, settings.egress.allow_metadata};
  service::Login login(*store, login_settings(settings));
  const rest::Router router(roles);
  const rest::Dispatch dispatch(context, login, router,
                                {.form_bytes_max = settings.server.body_bytes});
  const rest::setting::AddressPort& listen = settings.server.listen;
  ASSIGN_OR_REFUSE(const std::unique_ptr<rest::Server> server,
                   rest::Server::open(dispatch, {.host = listen.host,
                                                 .port = listen.port,
                                                 .threads = settings.server.threads,
                                                 .certificate = certificate}));
  publisher.start();
  stopper.watch(*server, context);
  spdlog::info("controller_started version={} fingerprint={}", APIM_VERSION,
               certificate.fingerprint);
  rest::setting::AddressPort bound = listen;
  bound.port = server->port();
  std::printf("apim-controller: listening on https %s\n", bound.text().c_str());
  std::fflush(stdout);
  server->run();
  context.stopping = true;
  stopper.join();
  publisher.stop();
  spdlog::info("controller_stopped");
  return {};
}

int run(const Arguments& arguments) {
  const auto settings = rest::load_settings(arguments.config, arguments.overrides);
  if (!settings.has_value()) {
    for (const std::string& line : settings.error().lines)
      std::fprintf(stderr, "apim-controller: %s\n", line.c_str());
    return 2;
  }
  set_up_log(settings->log.level);
  Stopper stopper;
  const auto served = serve(*settings, stopper);
  if (served.has_value()) return 0;
  const model::Problem& problem = served.error();
  std::fprintf(stderr, "apim-controller: %s: %s\n", problem.message.c_str(),
               problem.description.c_str());
  return 1;
}

}  // namespace
}  // namespace apim

int main(int count, char** values) {
  const apim::Arguments arguments = apim::read_arguments(count, values);
  if (!arguments.wrong.empty()) {
    std::fprintf(stderr, "apim-controller: %s\n", arguments.wrong.c_str());
    return 2;
  }
  if (!arguments.print.empty()) {
    std::fputs(arguments.print.c_str(), stdout);
    return 0;
  }
  umask(077);  // What others may read gets its mode by name.
  if (sodium_init() < 0) {
    std::fprintf(stderr, "apim-controller: libsodium cannot be initialised\n");
    return 1;
  }
  return apim::run(arguments);
}
