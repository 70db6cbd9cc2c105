#include "rest/router.h"

#include <algorithm>
#include <set>

namespace apim::rest {
namespace {

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // the '/'
    const size_t slash = std::min(path.find('/'), path.size());
    segments.emplace_back(path.substr(0, slash));
    path.remove_prefix(slash);
  }
  return segments;
}

bool is_parameter(const std::string& segment) { return segment.starts_with('{'); }

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  if (pattern.size() != path.size()) return false;
  for (size_t i = 0; i < pattern.size(); ++i)
    if (!is_parameter(pattern[i]) && pattern[i] != path[i]) return false;
  return true;
}

// "/apis/import" wins over "/apis/{apiId}": the row with the first literal where the other has a
// parameter.
bool is_more_literal(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  for (size_t i = 0; i < a.size(); ++i)
    if (is_parameter(a[i]) != is_parameter(b[i])) return !is_parameter(a[i]);
  return false;
}

}  // namespace

std::vector<const Route*> all_routes() {
  std::vector<const Route*> all;
  for (const auto rows : {publisher_routes(), devportal_routes(), admin_routes(), apim_routes()})
    for (const Route& route : rows) all.push_back(&route);
  return all;
}

Router::Router(const std::vector<Role>& roles) {
  for (const Route* route : all_routes()) {
    const bool is_served = route->role == Role::Any ||
                           std::find(roles.begin(), roles.end(), route->role) != roles.end();
    if (!is_served) continue;
    rows_.push_back({route, split(std::string(route->base) + std::string(route->pattern))});
    routes_.push_back(route);
  }
}

Router::Found Router::find(std::string_view method, const std::vector<std::string>& path) const {
  if (method == "HEAD") method = "GET";
  const Row* best = nullptr;
  std::set<std::string> methods;
  for (const Row& row : rows_) {
    if (!matches(row.segments, path)) continue;
    methods.emplace(row.route->method);
    if (row.route->method != method) continue;
    if (best == nullptr || is_more_literal(row.segments, best->segments)) best = &row;
  }
  Found found;
  if (best != nullptr) {
    found.route = best->route;
    for (size_t i = 0; i < path.size(); ++i)
      if (is_parameter(best->segments[i])) found.parameters.push_back(path[i]);
    return found;
  }
  if (methods.contains("GET")) methods.insert("HEAD");
  if (!methods.empty()) methods.insert("OPTIONS");
  for (const std::string& name : methods)
    found.allowed += (found.allowed.empty() ? "" : ", ") + name;
  return found;
}

}  // namespace apim::rest
