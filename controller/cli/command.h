// Command: what every noun of apimctl shares: where it reads and writes, the login, waiting for
// gateways.
//
// A noun is one file with one `add_<noun>(Menu&)`: it hangs its subcommands into the parser, and
// their callbacks choose the action that runs after parsing.

#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <istream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/client.h"
#include "cli/outcome.h"
#include "cli/output.h"

namespace apim::cli {

struct Context {
  Output output;
  std::istream* in = nullptr;
  bool in_is_terminal = false;
  std::map<std::string, std::string> variables;  // the process's environment
  bool wait = true;
  uint32_t timeout_s = 30;
};

using Action = std::function<Outcome<void>(Context&)>;

struct Menu {
  CLI::App* app = nullptr;
  Action* chosen = nullptr;

  // A subcommand that runs `action`. Options are hung on the result.
  CLI::App* add(const std::string& name, const std::string& help, Action action) const;
  // A noun that only has subcommands; `action` runs when none is given.
  Menu group(const std::string& name, const std::string& help, Action action) const;
};

// The logged-in controller.
Outcome<std::unique_ptr<Client>> connect();

// Every element of a paginated list, all pages. `path` may carry a query.
Outcome<nlohmann::json> collect(Client& client, const std::string& path);

// What one change came to, for the JSON answer and the line people read.
struct Settled {
  uint64_t epoch = 0;
  nlohmann::json live;  // null: not waited for
};

// Waits until every alive gateway of `environment` serves `epoch`, says "live on 1/1 gateways in 43
// ms", counted from `started`. A gateway that refuses the snapshot, or the timeout, is a Failure.
Outcome<Settled> settle(Context& context, Client& client, const std::string& environment,
                        uint64_t epoch, std::chrono::steady_clock::time_point started);

// Settles, then prints `said` for people or `answer` plus epoch and live for programs.
Outcome<void> conclude(Context& context, Client& client, uint64_t epoch, const std::string& said,
                       nlohmann::json answer);

// A field of a JSON object as text; "" when absent or null.
std::string field(const nlohmann::json& object, const std::string& name);

// "name[:version]" or an id -> the API's list entry. Refuses unknown and ambiguous names, saying
// which exist.
Outcome<nlohmann::json> find_api(Client& client, const std::string& reference);
Outcome<nlohmann::json> find_application(Client& client, const std::string& name);

void add_login(const Menu& menu);
void add_deploy(const Menu& menu);
void add_apis(const Menu& menu);
void add_apps(const Menu& menu);
void add_subscribe(const Menu& menu);
void add_keys(const Menu& menu);
void add_policies(const Menu& menu);
void add_deny(const Menu& menu);
void add_snapshot(const Menu& menu);
void add_gateways(const Menu& menu);
void add_why(const Menu& menu);

}  // namespace apim::cli
