#include "server-mock/apns/vendor_request.h"

#include "tests/unit/server-mock/apns/vendor_fixture.h"

namespace understudy::apns_mock {
namespace {

using ::testing::HasSubstr;

class VendorRequestTest : public VendorFixture {
 protected:
  Result<VendorRequest> parse(const std::string& request, const VendorTrust& trust = {}) const {
    return parse_vendor_request(request, trust, now_);
  }
  std::string why(const std::string& request, const VendorTrust& trust = {}) const {
    const auto result = parse(request, trust);
    return result ? "it was taken" : result.error().message();
  }
};

TEST_F(VendorRequestTest, ReadsWhatOpensslAndPlistlibMade) {
  const auto request = parse(text("request.b64"));
  ASSERT_TRUE(request) << request.error().message();
  EXPECT_EQ(request->csr.der(), io::read_file(path("customer.csr")).value());
  EXPECT_EQ(request->vendor, certificate("vendor.pem"));
  EXPECT_EQ(request->root.subject().find("CN"), "Root CA");
  EXPECT_EQ(request->signature_digest, crypto::Digest::sha256);
}

TEST_F(VendorRequestTest, NamesTheDigestOfAnOldTool) {
  make({"--digest", "sha1"});
  const auto request = parse(text("request.b64"));
  ASSERT_TRUE(request) << request.error().message();
  EXPECT_EQ(request->signature_digest, crypto::Digest::sha1);
}

TEST_F(VendorRequestTest, TrustsOnlyThePinnedRootWhenToldTo) {
  VendorTrust trust{{certificate("root.pem")}};
  EXPECT_TRUE(parse(text("request.b64"), trust));
  trust.anchors = {crypto::CertificateAuthority::create(crypto::Name::of({{"CN", "Other"}}),
                                                        crypto::KeyType::p256, now_,
                                                        now_ + std::chrono::hours(1))
                       .value()
                       .certificate()};
  EXPECT_THAT(why(text("request.b64"), trust), HasSubstr("the one this portal is set to"));
}

TEST_F(VendorRequestTest, SaysWhatIsWrongWithTheEnvelope) {
  EXPECT_THAT(why("not base64!"), HasSubstr("the whole is not base64"));
  EXPECT_THAT(why(text("request.plist")), HasSubstr("the whole is not base64"));
  EXPECT_THAT(why(base64_encode(as_bytes("hello"))), HasSubstr("no XML property list"));
  EXPECT_THAT(why(base64_encode(as_bytes("<plist version=\"1.0\"><array/></plist>"))),
              HasSubstr("no dictionary"));
  EXPECT_THAT(why(std::string(kMaxVendorRequest + 1, 'A')), HasSubstr("262145 octets"));
  for (const char* key : {"PushCertRequestCSR", "PushCertCertificateChain", "PushCertSignature"}) {
    EXPECT_THAT(why(edited(key, "Another")), HasSubstr(std::string(key) + " is missing"));
  }
}

TEST_F(VendorRequestTest, SaysWhatIsWrongWithAMember) {
  const std::string csr = base64_encode(io::read_file(path("customer.csr")).value());
  const std::string signature = base64_encode(io::read_file(path("signature")).value());
  EXPECT_THAT(why(edited("<string>" + csr + "</string>", "<data>" + csr + "</data>")),
              HasSubstr("PushCertRequestCSR is a <data>, not a <string>"));
  EXPECT_THAT(why(edited(csr, "%")), HasSubstr("PushCertRequestCSR is not base64"));
  EXPECT_THAT(why(edited(csr, "aGVsbG8=")), HasSubstr("holds no PKCS#10"));
  EXPECT_THAT(why(edited(csr, base64_encode(as_bytes(text("customer.csr.pem"))))),
              HasSubstr("holds PEM"));
  EXPECT_THAT(why(edited(signature, "%")), HasSubstr("PushCertSignature is not base64"));
  EXPECT_THAT(why(edited(signature, "aGVsbG8=")), HasSubstr("is not by the key of"));
  EXPECT_THAT(why(edited(text("vendor.pem"), "")), HasSubstr("is not RSA")) << "the next one's key";
}

TEST_F(VendorRequestTest, SaysWhatIsWrongWithTheChain) {
  EXPECT_THAT(why(edited(text("root.pem"), "")), HasSubstr("which is no root"));
  EXPECT_THAT(why(edited(text("wwdr.pem"), "")),
              HasSubstr("is not signed by the certificate after"));
  std::string long_chain;
  for (std::size_t i = 0; i < kMaxVendorChain; ++i) long_chain += text("root.pem");
  EXPECT_THAT(why(edited(text("root.pem"), long_chain)), HasSubstr("holds 12 certificates"));
  EXPECT_THAT(why(edited(text("vendor.pem") + text("wwdr.pem") + text("root.pem"), "none")),
              HasSubstr("holds no PEM certificates"));
}

TEST_F(VendorRequestTest, RefusesAVendorWhoseCertificateRanOut) {
  now_ += std::chrono::days(31);
  const auto result = parse(text("request.b64"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, make_error_code(crypto::errc::expired));
  EXPECT_THAT(result.error().message(), HasSubstr("MDM Vendor: Example"));
}

class SigningRequestTest : public VendorFixture {
 protected:
  Result<SigningRequest> read(const std::string& upload) const {
    return read_signing_request(as_bytes(upload), {}, now_);
  }
};

TEST_F(SigningRequestTest, TellsTheThreeFormsApart) {
  for (const char* name : {"customer.csr", "customer.csr.pem"}) {
    const auto plain = read(text(name));
    ASSERT_TRUE(plain) << plain.error().message();
    EXPECT_FALSE(plain->vendor);
    EXPECT_THAT(plain->requester(), HasSubstr("mdm.example"));
  }
  const auto vendor = read(text("request.b64"));
  ASSERT_TRUE(vendor) << vendor.error().message();
  EXPECT_THAT(vendor->requester(), HasSubstr("MDM Vendor: Example"));
  EXPECT_EQ(vendor->csr.der(), read(text("customer.csr"))->csr.der());
}

TEST_F(SigningRequestTest, RefusesAWeakKey) {
  make({"--key-bits", "1024"});
  for (const char* name : {"customer.csr.pem", "request.b64"}) {
    const auto request = read(text(name));
    ASSERT_FALSE(request);
    EXPECT_THAT(request.error().message(), HasSubstr("1024 bits is too weak"));
  }
}

TEST_F(SigningRequestTest, RefusesACsrThatWasChanged) {
  std::string der = text("customer.csr");
  der.replace(der.find("mdm.example"), 3, "MDM");
  const auto request = read(der);
  ASSERT_FALSE(request);
  EXPECT_THAT(request.error().message(), HasSubstr("its own signature does not verify"));
}

TEST_F(SigningRequestTest, SaysWhatMayBeUploaded) {
  for (const std::string& upload : {std::string("0nonsense"), text("root.pem")}) {
    const auto request = read(upload);
    ASSERT_FALSE(request);
    EXPECT_THAT(request.error().message(), HasSubstr("upload a PKCS#10 request"));
  }
  EXPECT_FALSE(read(""));
  EXPECT_FALSE(read(std::string(kMaxVendorRequest + 1, '0')));
}

}  // namespace
}  // namespace understudy::apns_mock
