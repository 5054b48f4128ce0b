#include "cli/repository_access.h"

#include <random>

#include <fmt/format.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/process.h"
#include "base/process_identity.h"
#include "cli/database_access.h"
#include "repo/manifest/history.h"
#include "repo/seal/key_text.h"
#include "storage/open/open_store.h"
#include "storage/wrap/logging_store.h"
#include "storage/wrap/read_only_store.h"
#include "storage/wrap/retrying_store.h"

namespace tidemark::cli {
namespace {

constexpr std::size_t kKeyFileBytesMax = 65'536;
constexpr std::size_t kLastSeenBytesMax = 1 << 20;
constexpr unsigned kPrivateFolder = 0700;
constexpr unsigned kPrivateFile = 0600;

// A folder of ours, and its parent; that it cannot be made shows when it is used.
std::string made_folder(const std::string& parent, const std::string& name) {
  const std::string path = parent + "/" + name;
  ::mkdir(parent.c_str(), kPrivateFolder);
  ::mkdir(path.c_str(), kPrivateFolder);
  return path;
}

// Names the file: whoever accepts a loss must not have to look for it.
Error with_note(Error error, const std::string& path) {
  error.hint += " (" + path + ")";
  return error;
}

}  // namespace

std::string s3_endpoint(const std::string& given, const config::Config& config,
                        const config::Environment& environment) {
  if (!given.empty()) return given;
  if (!config.aws.endpoint_url.empty()) return config.aws.endpoint_url;
  for (const char* name : {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"}) {
    const auto found = environment.find(name);
    if (found != environment.end() && !found->second.empty()) return found->second;
  }
  return "";
}

Result<config::Repository> require_repository(const Session& session) {
  if (session.config().repository) return *session.config().repository;
  return Error{ErrorKind::invalid_input,
               fmt::format("{} has no [repository]", session.config().origin),
               "add one: [repository] with url and key_file"};
}

Result<repo::KeySecret> repository_secret(const Context& context,
                                          const config::Repository& config) {
  if (!config.key_file.empty()) {
    warn_if_others_read(config.key_file);
    const auto text = read_file(config.key_file, kKeyFileBytesMax);
    if (!text)
      return Error{ErrorKind::denied, text.error().message,
                   "`tidemark repo init` makes the key file; without it, or another key, nothing "
                   "in the repository can be read"};
    auto key = repo::parse_key_text(*text);
    if (!key) return in_context(config.key_file, std::move(key).error());
    return repo::KeySecret{repo::KeySecret::Form::key, *std::move(key)};
  }
  config::Database source;  // the same two ways to give a password
  source.password_file = config.password_file;
  source.password_command = config.password_command;
  return repo::KeySecret{repo::KeySecret::Form::password, TRY(read_password(context, source))};
}

Result<std::unique_ptr<RepositoryAccess>> RepositoryAccess::open_store(const Context& context,
                                                                       Session& session,
                                                                       bool create) {
  const config::Repository config = TRY(require_repository(session));
  std::unique_ptr<RepositoryAccess> access(
      new RepositoryAccess(context, config, session.config().state_dir));
  const storage::S3Options s3{
      .region = config.region,
      .endpoint_url = config.url.starts_with("s3://")
                          ? s3_endpoint(config.endpoint_url, session.config(), context.environment)
                          : config.endpoint_url,
      .path_style = config.path_style};
  const auto location = TRY(storage::parse_store_location(config.url, s3));
  const storage::StoreParts parts{.aws = aws::SenderParts{.transport = context.transport,
                                                          .credentials = session.credentials(),
                                                          .clock = context.clock}};
  auto bare = TRY(storage::open_store(
      location, create ? storage::OpenMode::create : storage::OpenMode::existing, parts));
  access->store_ = std::make_unique<storage::RetryingStore>(
      std::make_unique<storage::LoggingStore>(std::move(bare), context.clock), context.clock,
      std::random_device{}());
  if (context.global.read_only)
    access->store_ = std::make_unique<storage::ReadOnlyStore>(std::move(access->store_));
  return access;
}

Result<std::unique_ptr<RepositoryAccess>> RepositoryAccess::open(const Context& context,
                                                                 Session& session) {
  auto store = open_store(context, session, false);
  if (!store && store.error().kind == ErrorKind::not_found) {
    Error error = std::move(store).error();
    error.code = kNoRepository;
    return error;
  }
  auto access = TRY(std::move(store));
  TRY(access->unlock());
  TRY(access->check_not_rolled_back());
  return access;
}

Status RepositoryAccess::unlock() {
  const repo::KeySecret secret = TRY(repository_secret(context_, config_));
  const std::string folder =
      config_.cache_dir.empty() ? made_folder(state_dir_, "cache") : config_.cache_dir;
  cache_ = std::make_unique<repo::ObjectCache>(folder);
  auto opened =
      repo::Repository::open(surroundings(), secret, repo::OpenOptions{.cache = cache_.get()});
  if (!opened) {
    const bool none = opened.error().kind == ErrorKind::not_found;  // it names the place itself
    Error error = none ? opened.error() : in_context(store_->describe(), opened.error());
    if (error.kind == ErrorKind::not_found) {
      error.code = kNoRepository;
      error.hint = "`tidemark repo init` makes one; is the url in [repository] right?";
    }
    if (error.kind == ErrorKind::denied && error.code.empty()) error.code = kWrongKey;
    return error;
  }
  repository_ = *std::move(opened);
  return Done{};
}

// Whoever can write the bucket could show us an older state of it. What this machine saw last is
// kept here, and a machine that saw nothing yet believes what it sees.
Status RepositoryAccess::check_not_rolled_back() {
  const repo::RepositoryId& id = repository_->access().sealer.repository();
  const std::string path =
      fmt::format("{}/last-seen-{}", made_folder(state_dir_, "repository"), id.hex().substr(0, 16));
  const repo::History history = TRY(repository_->history());
  if (const auto text = read_file(path, kLastSeenBytesMax))
    if (const auto seen = repo::decode_last_seen(*text)) {
      Status same = repo::check_last_seen(*seen, history, id);
      if (!same) return with_note(std::move(same).error(), path);
    }
  // What a damaged manifest hides is not forgotten: it may come back whole.
  if (!history.unreadable.empty()) return Done{};
  const Status kept = replace_file(
      path, repo::encode_last_seen({.repository = id, .heads = history.heads()}), kPrivateFile);
  if (!kept)
    log::warning(
        fmt::format("what was seen of the repository is not remembered: {}", kept.error().message));
  return Done{};
}

std::string RepositoryAccess::owner() const { return this_process().text(); }

}  // namespace tidemark::cli
