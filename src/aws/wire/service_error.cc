#include "aws/wire/service_error.h"

#include <optional>

#include <fmt/format.h>

#include "aws/wire/error_codes.h"
#include "aws/wire/json.h"
#include "base/remote_text.h"

namespace tidemark::aws {
namespace {

constexpr std::size_t kCodeBytesMax = 100;

struct Fault {
  std::string code;
  std::string message;
  std::string request_id;
};

std::string first_of(std::string a, std::string b) { return a.empty() ? std::move(b) : a; }

// <Error> alone (S3), in <ErrorResponse> (query protocol) or in <Response><Errors> (EC2).
std::optional<Fault> fault_in(const XmlDocument& document) {
  const XmlNode root = document.root();
  XmlNode error = root.name() == "Error" ? root : root.child("Error");
  if (!error) error = root.child("Errors").child("Error");
  if (!error) return std::nullopt;
  return Fault{
      error.text("Code"), error.text("Message"),
      first_of(root.text("RequestId"), first_of(error.text("RequestId"), root.text("RequestID")))};
}

// "com.amazonaws.kms#NotFoundException:http://..." in its several shapes.
std::string short_type(std::string type) {
  if (const std::size_t hash = type.find('#'); hash != std::string::npos) type.erase(0, hash + 1);
  return type.substr(0, type.find(':'));
}

std::optional<Fault> fault_in(const Json& body) {
  std::string code = first_of(text_member(body, "__type"),
                              first_of(text_member(body, "code"), text_member(body, "Code")));
  std::string message = first_of(text_member(body, "message"), text_member(body, "Message"));
  if (code.empty() && message.empty()) return std::nullopt;
  return Fault{short_type(std::move(code)), std::move(message), {}};
}

std::optional<Fault> fault_in_body(std::string_view body) {
  const std::size_t first = body.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  if (first == std::string_view::npos) return std::nullopt;
  if (body[first] == '<') {
    const Result<XmlDocument> document = XmlDocument::parse(std::string(body));
    return document ? fault_in(*document) : std::nullopt;
  }
  const Result<Json> value = parse_json(body);
  return value ? fault_in(*value) : std::nullopt;
}

Error make_error(const Fault& fault, int status, const net::Headers& headers) {
  const std::string code = clean_remote_text(fault.code, kCodeBytesMax);
  const std::string id =
      clean_remote_text(first_of(fault.request_id, request_id_of(headers)), kCodeBytesMax);
  std::string message = code.empty() ? "no readable error" : code;
  // What follows an empty line is our own request given back, session token and all.
  const std::string_view first_paragraph =
      std::string_view(fault.message).substr(0, fault.message.find("\n\n"));
  if (const std::string said = clean_remote_text(first_paragraph); !said.empty())
    message += ": " + said;
  message += id.empty() ? fmt::format(" (status {})", status)
                        : fmt::format(" (status {}, request id {})", status, id);
  return Error{kind_of_code(code, status), std::move(message), std::string(hint_for_code(code)),
               code};
}

}  // namespace

Error service_error(const net::HttpResponse& response) {
  Fault fault = fault_in_body(response.body).value_or(Fault{});
  if (fault.code.empty())  // JSON services, and answers to HEAD
    fault.code = short_type(
        std::string(net::find_header(response.headers, "x-amzn-ErrorType").value_or("")));
  return make_error(fault, response.status, response.headers);
}

Result<XmlDocument> read_xml(net::HttpResponse response) {
  if (response.status < 200 || response.status > 299) return service_error(response);
  Result<XmlDocument> document = XmlDocument::parse(std::move(response.body));
  if (!document) {
    Error error = std::move(document).error();
    if (error.kind == ErrorKind::corrupt) error.kind = ErrorKind::unavailable;
    return error;
  }
  if (const std::optional<Fault> fault = fault_in(*document))
    return make_error(*fault, response.status, response.headers);
  return document;
}

std::string request_id_of(const net::Headers& headers) {
  for (const char* name : {"x-amzn-RequestId", "x-amz-request-id"})
    if (const auto id = net::find_header(headers, name))
      return clean_remote_text(*id, kCodeBytesMax);
  return {};
}

}  // namespace tidemark::aws
