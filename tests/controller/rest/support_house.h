// House: a controller that really listens: TLS server, dispatch, store and publisher, in this
// process.

#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "controller/service/support_office.h"
#include "rest/dispatch.h"
#include "rest/server.h"

namespace apim::rest::testing {

struct Reply {
  int status = 0;
  std::string body;
  std::map<std::string, std::string> headers;  // names in lower case
  nlohmann::json json() const { return nlohmann::json::parse(body); }
  std::string header(const std::string& name) const;
};

struct Ask {
  std::string method = "GET";
  std::string path;
  std::string body = {};
  std::string type = "application/json";
  std::string user = "admin:correct horse";  // "" = no credentials
  std::map<std::string, std::string> headers = {};
};

inline const std::string kPublisher = "/api/am/publisher/v4";
inline const std::string kDevportal = "/api/am/devportal/v3";
inline const std::string kAdmin = "/api/am/admin/v4";
inline const std::string kApim = "/api/apim/v1";

class House {
 public:
  explicit House(DispatchSettings settings = {},
                 const std::vector<Role>& roles = {Role::Publisher, Role::Devportal, Role::Admin});
  ~House();

  Reply ask(const Ask& ask) const;
  Reply get(const std::string& path) const { return ask({.path = path}); }
  Reply post(const std::string& path, const nlohmann::json& body) const {
    return ask({.method = "POST", .path = path, .body = body.dump()});
  }
  Reply put(const std::string& path, const nlohmann::json& body) const {
    return ask({.method = "PUT", .path = path, .body = body.dump()});
  }
  Reply remove(const std::string& path) const { return ask({.method = "DELETE", .path = path}); }
  // One part "file" and any further plain fields.
  Reply upload(const std::string& path, const std::string& file,
               const std::map<std::string, std::string>& fields = {}) const;

  // Sends these bytes over TLS and gives back everything until the server ends the connection.
  // `next` is sent once a whole JSON answer has come.
  std::string raw(const std::string& bytes, std::string next = "") const;

  void add_user(const std::string& name, const std::string& password,
                const std::vector<std::string>& roles);
  service::testing::Office& office() { return office_; }
  uint16_t port() const { return server_->port(); }

 private:
  service::testing::Office office_;
  std::unique_ptr<service::Login> login_;
  std::unique_ptr<Router> router_;
  std::unique_ptr<Dispatch> dispatch_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

std::string zip_of(const std::string& api_yaml, bool deploys);
// api.yaml of a published API with one operation.
std::string pizza_yaml(const std::string& version = "1.0.0");

}  // namespace apim::rest::testing
