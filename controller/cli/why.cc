#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "cli/command.h"
#include "cli/why_text.h"

#include <httplib.h>

namespace apim::cli {
namespace {

constexpr size_t kKeyBytesMax = 4096;
constexpr time_t kGatewayConnectSeconds = 5;
constexpr time_t kReadSeconds = 10;

struct WhyOptions {
  std::string method = "GET";
  std::string url;
  std::vector<std::string> headers;
  std::string key_file;
  std::string key_header;
  std::string client;
  std::string admin = "http://127.0.0.1:9190";
};

// The key without the line's end; never shown.
Outcome<std::string> read_key(Context& context, const std::string& name) {
  std::ifstream file;
  if (name != "-") {
    file.open(name, std::ios::binary);
    if (!file) return fail(Exit::Usage, fmt::format("{}: {}", name, std::strerror(errno)));
  }
  std::istream& in = name == "-" ? *context.in : file;
  std::string key(kKeyBytesMax + 1, '\0');
  in.read(key.data(), static_cast<std::streamsize>(key.size()));
  key.resize(static_cast<size_t>(in.gcount()));
  if (key.size() > kKeyBytesMax)
    return fail(Exit::Usage, fmt::format("{} is longer than a key", name),
                "give a file with one key");
  while (key.ends_with('\n') || key.ends_with('\r')) key.pop_back();
  if (key.empty())
    return fail(Exit::Usage, fmt::format("{} holds no key", name), "write the key into it, alone");
  return key;
}

Outcome<std::string> form_of(Context& context, const WhyOptions& options) {
  std::string form =
      fmt::format("method={}&url={}", escape_query(options.method), escape_query(options.url));
  for (const std::string& header : options.headers) form += "&header=" + escape_query(header);
  if (!options.client.empty()) form += "&client=" + escape_query(options.client);
  if (options.key_file.empty()) return form;
  ASSIGN_OR_FAIL(const std::string key, read_key(context, options.key_file));
  form += "&key=" + escape_query(key);
  if (!options.key_header.empty()) form += "&key_header=" + escape_query(options.key_header);
  return form;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

Outcome<nlohmann::json> ask(const std::string& admin, const std::string& form) {
  ASSIGN_OR_FAIL(const Address address, parse_admin_url(admin));
  httplib::Client http(address.host, address.port);
  http.set_connection_timeout(kGatewayConnectSeconds);
  http.set_read_timeout(kReadSeconds);
  http.set_write_timeout(kReadSeconds);
  const auto answer = http.Post("/why", form, "application/x-www-form-urlencoded");
  if (!answer) {
    return fail(Exit::Unreachable,
                fmt::format("cannot reach the gateway's admin port at {}: {}", admin,
                            httplib::to_string(answer.error())),
                "check that apim-gateway runs there; its port is listen.admin of gateway.toml");
  }
  if (answer->status == 400)
    return fail(Exit::Usage, first_line(answer->body), "see: apimctl why --help");
  if (answer->status == 413)
    return fail(Exit::Usage, "the described request is too large to ask about");
  const auto explanation = nlohmann::json::parse(answer->body, nullptr, false);
  if (answer->status != 200 || !explanation.is_object() || !explanation.contains("outcome")) {
    return fail(Exit::Refused,
                fmt::format("{} answered {} without an explanation", admin, answer->status),
                "is this the admin port of an apim gateway of the same version?");
  }
  return explanation;
}

Outcome<void> why(Context& context, const WhyOptions& options) {
  ASSIGN_OR_FAIL(const std::string form, form_of(context, options));
  ASSIGN_OR_FAIL(const nlohmann::json explanation, ask(options.admin, form));
  const Output& output = context.output;
  if (output.as_json) {
    output.json(explanation);
    return {};
  }
  output.table({"STEP", "DECISION", "WHAT"}, why_rows(explanation), "the gateway told no step");
  const bool is_forwarded = field(explanation["outcome"], "forwarded") == "true";
  output.line(
      output.paint(is_forwarded ? Colour::Good : Colour::Bad, tame(why_outcome(explanation))));
  return {};
}

}  // namespace

void add_why(const Menu& menu) {
  auto options = std::make_shared<WhyOptions>();
  CLI::App* command = menu.add(
      "why",
      "what a gateway would decide for a request, and why; spends nothing, calls no back end",
      [options](Context& context) { return why(context, *options); });
  command->add_option("--method", options->method, "of the request")->capture_default_str();
  command->add_option("--url", options->url, "http://HOST:PORT/path?query, as its client calls it")
      ->required();
  command->add_option("--header", options->headers, "'Name: value' of the request; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  auto* key_file = command->add_option("--key-file", options->key_file,
                                       "file with the API key, or - for standard input");
  command
      ->add_option("--key-header", options->key_header,
                   "where the key is sent (default: where the API looks for it)")
      ->needs(key_file);
  command->add_option("--client", options->client, "the client's address (default: 127.0.0.1)");
  command->add_option("--gateway-admin", options->admin, "the gateway's admin port")
      ->capture_default_str();
}

}  // namespace apim::cli
