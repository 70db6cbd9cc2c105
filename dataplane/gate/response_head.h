// Response head: what the client gets, from a backend's head or from an answer of ours, with the
// plan's edits.

#pragma once

#include "exchange/exchange.h"
#include "http/h1_writer.h"
#include "http/head.h"
#include "http/server.h"

namespace apim::gate {

// A head in x.arena, still without its framing and its end (http::ServerConnection adds them), and
// what follows it.
struct ResponsePlan {
  http::HeadWriter head;
  http::BodyPlan body;
  bool sends_body =
      true;  // False: a body, if the backend sends one, stays here (HEAD, 204, 205, 304).
};

// Precondition: policy::respond() made x.shape.response_edits. `date` is used when the backend sent
// none. Fault: Overloaded (arena full).
Result<ResponsePlan> backend_head(Exchange& x, const http::ResponseHead& response,
                                  std::string_view date);
Result<ResponsePlan> answer_head(Exchange& x, std::string_view date);

}  // namespace apim::gate
