// PostgresServer: a private PostgreSQL for the tests of one program, in a folder of its own.
//
// It listens on 127.0.0.1 and a local socket, offers TLS with a certificate for localhost from a
// throwaway authority, and wants passwords over TLS only, as RDS does. It starts when it is asked
// for first and ends with the program, however that ends. As root it runs as the user postgres,
// because the server refuses to be root.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/process.h"
#include "postgres/conn/connection.h"

namespace tidemark::test {

class PostgresServer {
 public:
  static PostgresServer& instance() {
    static PostgresServer server;
    return server;
  }

  // As the superuser "postgres", who has the password "secret" like everybody here.
  postgres::ConnectionOptions options(std::string database = "postgres") const {
    postgres::ConnectionOptions options;
    options.host = "localhost";
    options.hostaddr = "127.0.0.1";
    options.port = port_;
    options.database = std::move(database);
    options.user = "postgres";
    options.password = Secret("secret");
    options.ssl_root_cert = authority();
    options.read_only = false;
    return options;
  }

  std::string authority() const { return (folder_ / "ca.crt").string(); }
  std::string other_authority() const { return (folder_ / "other.crt").string(); }
  std::string sockets() const { return folder_.string(); }

  // Runs statements, each of which must succeed, as the superuser.
  void run(const std::vector<std::string>& statements, const std::string& database = "postgres") {
    auto connection = postgres::Connection::open(options(database), clock_, stop_);
    ASSERT_TRUE(connection) << connection.error().message;
    for (const std::string& statement : statements) {
      const auto rows = connection->query(statement);
      ASSERT_TRUE(rows) << statement << ": " << rows.error().message;
    }
  }

  // An empty database of this name, and nothing left of an older one.
  void fresh_database(const std::string& name) {
    run({"DROP DATABASE IF EXISTS \"" + name + "\" WITH (FORCE)",
         "CREATE DATABASE \"" + name + "\" TEMPLATE template0"});
  }

  // What a program of the server's own version says; it must end with 0.
  std::string program(std::vector<std::string> argv, const std::string& variable = {},
                      const std::string& value = {}) {
    argv[0] = kPrograms + argv[0];
    return shell_free(std::move(argv), {{variable.empty() ? "LC_ALL" : variable, value}});
  }

 private:
  static inline const std::string kPrograms = "/usr/lib/postgresql/15/bin/";

  PostgresServer() {
    std::string pattern = "/tmp/tidemark-postgres-XXXXXX";
    CHECK(::mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
    make_certificates();
    give_away(folder_);
    shell_free(
        as_server_user({kPrograms + "initdb", "-D", data(), "-U", "postgres", "-A", "trust", "-E",
                        "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"}));
    write(data() + "/pg_hba.conf",
          "local all all trust\n"
          "hostssl all all 127.0.0.1/32 scram-sha-256\n");
    start();
    wait_until_ready();
  }

  ~PostgresServer() {
    ::kill(pid_, SIGQUIT);
    ::waitpid(pid_, nullptr, 0);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::string data() const { return (folder_ / "data").string(); }

  static std::vector<std::string> as_server_user(std::vector<std::string> argv) {
    if (::geteuid() != 0) return argv;
    std::vector<std::string> all{"setpriv", "--reuid=postgres", "--regid=postgres",
                                 "--clear-groups", "--pdeathsig=KILL"};
    all.insert(all.end(), argv.begin(), argv.end());
    return all;
  }

  std::string shell_free(std::vector<std::string> argv,
                         std::map<std::string, std::string> environment = {}) {
    environment.emplace("PATH", "/usr/bin:/bin");
    const auto outcome = run_process(
        {.argv = argv, .environment = environment, .output_bytes_max = 64 << 20}, clock_, stop_);
    CHECK(outcome);
    EXPECT_EQ(outcome->exit_code, 0) << argv[0] << ": " << outcome->error_output;
    return outcome->output;
  }

  void give_away(const std::filesystem::path& path) {
    if (::geteuid() != 0) return;
    const passwd* const user = ::getpwnam("postgres");
    CHECK(user != nullptr && ::chown(path.c_str(), user->pw_uid, user->pw_gid) == 0);
  }

  void write(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
    give_away(path);
  }

  void make_certificates() {
    const auto path = [this](const char* name) { return (folder_ / name).string(); };
    for (const std::string name : {"ca", "other"})
      shell_free({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                  "-nodes", "-days", "2", "-subj", "/CN=Tidemark test " + name, "-keyout",
                  path((name + ".key").c_str()), "-out", path((name + ".crt").c_str())});
    shell_free({"openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost",
                "-CA",
                path("ca.crt"),
                "-CAkey",
                path("ca.key"),
                "-keyout",
                path("server.key"),
                "-out",
                path("server.crt")});
    for (const char* const name : {"server.key", "server.crt"}) {
      std::filesystem::permissions(
          path(name), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
      give_away(path(name));
    }
  }

  static std::uint16_t free_port() {
    const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    CHECK(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), length) == 0);
    CHECK(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length) == 0);
    return ntohs(address.sin_port);
  }

  void start() {
    port_ = free_port();
    std::vector<std::string> argv = as_server_user({kPrograms + "postgres", "-D", data()});
    for (const std::string& setting :
         {fmt::format("port={}", port_), std::string("listen_addresses=127.0.0.1"),
          "unix_socket_directories=" + folder_.string(), std::string("fsync=off"),
          std::string("ssl=on"), "ssl_cert_file=" + (folder_ / "server.crt").string(),
          "ssl_key_file=" + (folder_ / "server.key").string(), std::string("shared_buffers=16MB"),
          std::string("max_connections=30"), std::string("logging_collector=off"),
          std::string("autovacuum=off")}) {
      argv.push_back("-c");
      argv.push_back(setting);
    }
    std::vector<char*> pointers;
    for (std::string& argument : argv) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    const std::string log = (folder_ / "server.log").string();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    std::string path = "PATH=/usr/bin:/bin";
    char* environment[] = {path.data(), nullptr};
    CHECK(::posix_spawnp(&pid_, pointers[0], &actions, nullptr, pointers.data(), environment) == 0);
    posix_spawn_file_actions_destroy(&actions);
  }

  void wait_until_ready() {
    postgres::ConnectionOptions local = options();
    local.host = folder_.string();
    local.hostaddr.clear();
    local.ssl_mode = postgres::SslMode::disable;
    for (int attempt = 0; attempt < 600; ++attempt) {
      auto connection = postgres::Connection::open(local, clock_, stop_);
      if (connection) {
        CHECK(connection->query("ALTER ROLE postgres PASSWORD 'secret'"));
        return;
      }
      CHECK(clock_.sleep(Millis(50)));
    }
    CHECK(!"the test server did not start");
  }

  StopSignal stop_;
  SystemClock clock_{stop_};
  std::filesystem::path folder_;
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace tidemark::test
