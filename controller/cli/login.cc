#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include "cli/command.h"

namespace apim::cli {
namespace {

struct LoginOptions {
  std::string url;
  std::string user;
  std::string fingerprint;
  bool password_from_stdin = false;
};

std::string read_line(std::istream& in) {
  std::string line;
  std::getline(in, line);
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

std::string ask_hidden(Context& context, const std::string& question) {
  *context.output.err << question << std::flush;
  termios shown{};
  const bool can_hide = ::tcgetattr(STDIN_FILENO, &shown) == 0;
  if (can_hide) {
    termios hidden = shown;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  const std::string answer = read_line(*context.in);
  if (can_hide) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
  *context.output.err << "\n";
  return answer;
}

Outcome<std::string> get_password(Context& context, const LoginOptions& options) {
  std::string password;
  const auto variable = context.variables.find("APIM_PASSWORD");
  if (options.password_from_stdin) {
    password = read_line(*context.in);
  } else if (variable != context.variables.end()) {
    password = variable->second;
  } else if (context.in_is_terminal) {
    password = ask_hidden(context, fmt::format("Password of {}: ", options.user));
  }
  if (password.empty()) {
    return fail(Exit::Usage, "a password is needed",
                "set APIM_PASSWORD, or pipe it in with --password-stdin");
  }
  return password;
}

// What the controller presents, learnt by a handshake that is always broken off.
Outcome<std::string> look_at_certificate(const std::string& url) {
  Client client(Session{.url = url, .user = {}, .password = {}, .fingerprint = {}});
  const auto reply = client.get(kApim + "/info");
  if (!client.seen_fingerprint().empty()) return client.seen_fingerprint();
  if (!reply.has_value()) return std::unexpected(reply.error());
  return fail(Exit::Unreachable, url + " presents no certificate", "is it an apim controller?");
}

struct Pin {
  std::string fingerprint;
  bool is_new = false;  // nobody was asked about it
};

Outcome<Pin> choose_pin(Context& context, const LoginOptions& options) {
  if (!options.fingerprint.empty()) {
    ASSIGN_OR_FAIL(const std::string given, parse_fingerprint(options.fingerprint));
    return Pin{.fingerprint = given};
  }
  ASSIGN_OR_FAIL(const auto dir, session_dir());
  const auto known = load_session(dir);
  if (known && known->url == options.url) return Pin{.fingerprint = known->fingerprint};
  ASSIGN_OR_FAIL(const std::string seen, look_at_certificate(options.url));
  context.output.note(fmt::format("{} presents the certificate with the SHA-256 fingerprint\n  {}",
                                  options.url, seen));
  if (!context.in_is_terminal) {
    return Pin{.fingerprint = seen, .is_new = true};
  }
  *context.output.err << "Trust it from now on? [y/N] " << std::flush;
  const std::string answer = read_line(*context.in);
  if (answer == "y" || answer == "Y" || answer == "yes") return Pin{.fingerprint = seen};
  return fail(Exit::Usage, "the certificate is not trusted; nothing was sent",
              "compare it with the controller's data_dir, or give --fingerprint");
}

Outcome<void> login(Context& context, const LoginOptions& options) {
  CHECK_OR_FAIL(parse_url(options.url));
  Session session{.url = options.url, .user = options.user, .password = {}, .fingerprint = {}};
  while (session.url.ends_with('/')) session.url.pop_back();
  LoginOptions settled = options;
  settled.url = session.url;
  ASSIGN_OR_FAIL(const Pin pin, choose_pin(context, settled));
  session.fingerprint = pin.fingerprint;
  ASSIGN_OR_FAIL(session.password, get_password(context, settled));
  Client client(session);
  ASSIGN_OR_FAIL(const Reply info, client.get(kApim + "/info"));
  // /info answers anybody; this one proves the password.
  CHECK_OR_FAIL(client.get(kApim + "/me"));
  ASSIGN_OR_FAIL(const auto dir, session_dir());
  CHECK_OR_FAIL(save_session(dir, session));
  if (pin.is_new)
    context.output.note("trusted from now on, because it is the first one seen there");
  const std::string version = field(info.body, "version");
  context.output.line(
      fmt::format("logged in to {} as {} (apim {})", session.url, session.user, version));
  if (context.output.as_json) {
    context.output.json({{"url", session.url},
                         {"user", session.user},
                         {"version", version},
                         {"fingerprint", session.fingerprint}});
  }
  return {};
}

}  // namespace

void add_login(const Menu& menu) {
  auto options = std::make_shared<LoginOptions>();
  CLI::App* command = menu.add("login", "log in to a controller and pin its certificate",
                               [options](Context& context) { return login(context, *options); });
  command->add_option("url", options->url, "https://HOST:9443")->required();
  command->add_option("-u,--user", options->user, "user name")->required();
  command->add_option("--fingerprint", options->fingerprint,
                      "the certificate's SHA-256 fingerprint, when you know it");
  command->add_flag("--password-stdin", options->password_from_stdin,
                    "read the password from standard input (else APIM_PASSWORD, else asked)");
}

}  // namespace apim::cli
