// Client: one controller's REST over https, believed only with the pinned certificate.
//
// The certificate is compared during the TLS handshake, so nothing of a request, the password least
// of all, reaches a server with another one.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/outcome.h"
#include "cli/session.h"

namespace apim::cli {

// The bases of the services, as in WSO2's REST.
inline const std::string kPublisher = "/api/am/publisher/v4";
inline const std::string kDevportal = "/api/am/devportal/v3";
inline const std::string kAdmin = "/api/am/admin/v4";
inline const std::string kApim = "/api/apim/v1";

struct Reply {
  int status = 0;
  nlohmann::json body;  // null when the answer is not JSON
  std::string text;
  uint64_t epoch = 0;  // Apim-Epoch; 0 = the answer carries none
};

struct Part {
  std::string name;
  std::string content;
  std::string file_name;  // "" = a plain field
  std::string content_type;
};

class Client {
 public:
  // `session.fingerprint` empty: no request succeeds; seen_fingerprint() tells what was offered.
  explicit Client(Session session);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Answers below 400 are replies; everything else is a Failure that carries the server's words.
  Outcome<Reply> get(const std::string& path);
  Outcome<Reply> post(const std::string& path, const nlohmann::json& body);
  Outcome<Reply> post(const std::string& path);
  Outcome<Reply> upload(const std::string& path, const std::vector<Part>& parts);
  Outcome<Reply> remove(const std::string& path);

  // How long the next answers may take.
  void allow_ms(uint64_t read_ms);

  // What the server presented last, "AB:CD:…"; "" before the first handshake.
  const std::string& seen_fingerprint() const;
  const Session& session() const;

 private:
  struct Wire;
  std::unique_ptr<Wire> wire_;
};

// One value of a query, escaped.
std::string escape_query(const std::string& text);

// WSO2's error body as text: "message: description" and one line per finding.
std::string describe_refusal(int status, const std::string& text);

}  // namespace apim::cli
