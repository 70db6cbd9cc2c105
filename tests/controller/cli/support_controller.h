// ScriptedController: an https server with a certificate of its own, and apimctl run against it.

#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "cli/app.h"
#include "cli/client.h"

// Its header takes seconds to compile, and every test of this room reads this one.
namespace httplib {
class SSLServer;
struct Request;
struct Response;
}  // namespace httplib

namespace apim::cli::test {

struct Seen {
  std::string method;
  std::string target;  // path and query, decoded
  std::string body;
  std::string authorization;
};

// Answers what `routes` says ("GET /path"), 404 with WSO2's body otherwise; remembers what it was
// asked.
class ScriptedController {
 public:
  ScriptedController();
  ~ScriptedController();

  void answer(const std::string& method_and_path, const nlohmann::json& body, int status = 200,
              uint64_t epoch = 0);
  std::vector<Seen> seen() const;
  // The last request of that method and path.
  Seen last(const std::string& method_and_path) const;
  std::string url() const;
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  struct Answer {
    std::string body;
    int status = 200;
    uint64_t epoch = 0;
  };
  void serve(const httplib::Request& request, httplib::Response& response);

  std::string fingerprint_;
  std::unique_ptr<httplib::SSLServer> server_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::map<std::string, Answer> routes_;
  std::vector<Seen> seen_;
  std::thread thread_;
};

struct Ran {
  Exit exit = Exit::Done;
  std::string out;
  std::string err;
};

// A folder that is gone afterwards; APIM_CONFIG_DIR points to it meanwhile.
class ConfigDir {
 public:
  ConfigDir();
  ~ConfigDir();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// apimctl with these arguments, its login in APIM_CONFIG_DIR.
Ran run_apimctl(const std::vector<std::string>& arguments, const std::string& in = "",
                const std::map<std::string, std::string>& variables = {});

// A controller somebody has logged in to; `lists` of nothing are answered for gateways.
struct LoggedIn {
  ConfigDir config;
  ScriptedController controller;
  LoggedIn();
};

// {"count", "list", "pagination"} as WSO2 answers lists.
nlohmann::json page(const std::vector<nlohmann::json>& items);

}  // namespace apim::cli::test
