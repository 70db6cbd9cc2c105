// Router: the table of everything served, and the row a request belongs to.
//
// A row without a permission does not compile. Matching happens on canonical segments only
// (rest/target.h), and permission, body bounds and handler all come from the row that was matched:
// there is no second reading.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rest/message.h"
#include "service/context.h"

namespace apim::rest {

enum class Role : uint8_t { Any, Publisher, Devportal, Admin };
enum class Body : uint8_t { None, Json, Form, Optional };  // Optional: none or JSON

// A request on its way through a handler.
struct Call {
  const Request& request;
  const model::Caller& caller;
  std::vector<std::string> parameters;  // values of the pattern's {names}, in order
  const struct Route& route;
};

using Handler = model::Result<Answer> (*)(service::Context&, const Call&);

struct Route {
  Role role;
  std::string_view method;
  std::string_view base;     // "/api/am/publisher/v4"
  std::string_view pattern;  // below the base: "/apis/{apiId}/revisions"
  Body body;
  service::Permission permission;
  Handler handler;
};

// Every row of every role.
std::span<const Route> publisher_routes();
std::span<const Route> devportal_routes();
std::span<const Route> admin_routes();
std::span<const Route> apim_routes();
std::vector<const Route*> all_routes();

class Router {
 public:
  // Serves the rows of these roles, and those of Role::Any.
  explicit Router(const std::vector<Role>& roles);

  struct Found {
    const Route* route = nullptr;  // null: see `allowed`
    std::vector<std::string> parameters;
    std::string
        allowed;  // "GET, POST" when the path is known but not the method; "" for an unknown path
  };
  // HEAD is answered by GET's row.
  Found find(std::string_view method, const std::vector<std::string>& path) const;

  const std::vector<const Route*>& routes() const { return routes_; }

 private:
  struct Row {
    const Route* route;
    std::vector<std::string> segments;  // base and pattern
  };
  std::vector<Row> rows_;
  std::vector<const Route*> routes_;
};

}  // namespace apim::rest
