// Dispatch: the one way of a request through the controller, without the web server that carries
// it.
//
//   begin(head): target -> route -> login -> permission -> body bounds        before a byte of the
//   body is read finish(body): preconditions -> handler -> answer
//
// Deny by default: what is not a row of the router is 404, what needs a login is 401 or 403 before
// anything else of the request is looked at.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>

#include "rest/message.h"
#include "rest/router.h"
#include "service/login.h"

namespace apim::rest {

struct Head {
  std::string method;
  std::string target;                          // as sent
  std::map<std::string, std::string> headers;  // names in lower case
  std::string address;
};

struct Admission {
  Request request;  // without its body
  model::Caller caller;
  Router::Found found;
  size_t body_bytes_max = 0;
};

struct DispatchSettings {
  size_t json_bytes_max = size_t{4} << 20;
  size_t form_bytes_max = size_t{64} << 20;
};

class Dispatch {
 public:
  // All of them outlive the dispatch.
  Dispatch(service::Context& context, service::Login& login, const Router& router,
           DispatchSettings settings);

  // The answer when the request is refused or needs no body, else what finish() wants.
  std::variant<Answer, Admission> begin(Head head) const;
  Answer finish(Admission admission, std::string body) const;

  // 413 as the answer to a body beyond Admission::body_bytes_max.
  static Answer too_large(size_t bytes_max);

 private:
  model::Result<Admission> admit(Head head) const;
  model::Result<model::Caller> identify(const Request& request) const;
  model::Result<Answer> run(const Admission& admission) const;
  model::Result<void> check_precondition(const Admission& admission) const;

  service::Context& context_;
  service::Login& login_;
  const Router& router_;
  const DispatchSettings settings_;
};

// For handlers: an answer to a change, with Apim-Epoch.
Answer changed_answer(Answer answer, uint64_t epoch);

}  // namespace apim::rest
