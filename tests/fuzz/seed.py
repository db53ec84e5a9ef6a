#!/usr/bin/env python3
"""Writes seed corpora from the project's own files: fixtures, labelled replies, shipped configuration, the sample
year. `seed.py FOLDER` fills FOLDER/<target>/; what a parser cannot be given from these stands in corpus/."""
import gzip
import hashlib
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests/data"
CONFIG = ROOT / "config"


def lines_of(name):
    return [line.split("\t")[1] for line in (DATA / "replies" / name).read_text(encoding="utf-8").splitlines()]


def replies():
    for name in ("own-score.tsv", "own-reason.tsv", "sample-score.tsv", "sample-reason.tsv"):
        yield from lines_of(name)[::5]


def phones():
    for case in json.loads((DATA / "phones/cases.json").read_text(encoding="utf-8"))["cases"]:
        yield case["input"]


def texts():
    for vector in json.loads((DATA / "sms/segment_vectors.json").read_text(encoding="utf-8"))["vectors"]:
        yield vector["text"]
    yield from list(replies())[:60]


def times():
    yield from ("2018-01-03T08:30:00+07:00", "2018-01-03T08:30:00.125Z", "20180103083000", "20180103",
                "2018-01-03 08:30:00", "03/01/2018", "03/01/2018 08:30", "2018-01", "07:00-20:00", "00:00-24:00",
                "90s", "500ms", "12h", "1d", "2100-12-31T23:59:60-14:00", "2000-02-29")


def files():
    """A letter for the kind of file, as toml.cpp has them, and the file."""
    named = [("a", ROOT / "deploy/sample/hoiam.toml"), ("a", CONFIG / "hoiam.toml"), ("c", CONFIG / "messages.toml"),
             ("d", CONFIG / "questionnaires/sipas.toml"), ("e", CONFIG / "lexicon.toml"),
             ("f", CONFIG / "reasons.toml"), ("g", CONFIG / "units/tan-uyen.csv"), ("h", CONFIG / "numbering.toml")]
    named += [("b", file) for file in sorted((CONFIG / "providers").glob("*.toml"))]
    for letter, file in named:
        yield letter + file.read_text(encoding="utf-8")


def sample_rows():
    rows = gzip.decompress((ROOT / "deploy/sample/tan-uyen-2018.csv.gz").read_bytes()).decode().splitlines()
    for start in range(1, 400, 25):
        yield "\n".join([rows[0], *rows[start:start + 3], ""])


def event(number, **more):
    return {"event_id": f"e{number}", "dossier": f"000.25.15.H09-180103-{number:04}", "status": number % 10 + 1,
            "at": "2018-01-03T08:30:00+07:00", "commune": "25915",
            "procedure": {"code": "1.001193", "name": "Đăng ký khai sinh", "field": "Hộ tịch"},
            "applicant": {"name": "Nguyễn Văn A", "phone": "0912345678"}, "submitted_by": "online", "return_by": "post",
            "received_at": "2018-01-03T08:00:00+07:00", "due_at": "2018-01-05T16:30:00+07:00", **more}


def events():
    for number in range(10):
        yield json.dumps(event(number, amount=1500000 + number, reason="thiếu ảnh", tracking_code="T1",
                               missing_papers="sổ hộ khẩu", note="x", new_due_at="2018-01-09T16:30:00+07:00"),
                         ensure_ascii=False)
    yield json.dumps([event(1), event(2), {"event_id": 3}])
    yield "\n".join(json.dumps(event(n)) for n in range(3))


def national():
    dossier = {"MaHoSo": "000.00.01.H09-190115-0001", "MaTTHC": "1.001193", "TenTTHC": "Khai sinh",
               "ChuHoSo": "NGUYEN VAN A", "SoDienThoai": "0900000000", "NgayTiepNhan": "20180115083000",
               "NgayHenTra": "2018-01-15 16:30:00", "NgayTra": "20180116093000", "DonViXuLy": "UBND phường Uyên Hưng",
               "HinhThuc": "1", "ThongTinTra": "0", "GhiChu": "x",
               "DanhSachLePhi": [{"Gia": "8000", "TrangThaiThanhToan": "0"}, {"Gia": 150000}],
               "DanhSachHoSoBoSung": [{"NoiDungBoSung": "sổ", "NgayBoSung": "20180116090000",
                                       "NgayHenTraMoi": "20180125163000"}]}
    for status in range(1, 11):
        yield "a" + json.dumps({**dossier, "TrangThaiHoSo": str(status)}, ensure_ascii=False)
    yield "b" + json.dumps({"MaHoSo": "H-1", "TrangThai": "4", "ThoiDiemXuLy": "20180116090000", "NoiDungXuLy": "x"})


def requests():
    for body in list(events())[::3] + ["{}", "[]", "{"]:
        yield "POST /v1/dossier-events\napplication/json\n" + body
    yield "POST /v1/dossier-events\napplication/x-ndjson\n" + list(events())[-1]
    for item in list(national())[::4]:
        service = "DongBoHoSoMC" if item[0] == "a" else "CapNhatTienDoHoSoMC"
        yield f"POST /v1/national/{service}\napplication/json\n" + '{"session":"s","data":[' + item[1:] + "]}"
    for path in ("/v1/messages?state=queued&limit=10&after=3", "/v1/messages/7", "/v1/dossiers/H09-1", "/healthz",
                 "/readyz", "/metrics", "/openapi.json",
                 "/v1/satisfaction?from=2018-01&to=2018-12&by=commune", "/v1/reasons?from=2018-01&to=2018-02&by=month",
                 "/v1/punctuality?from=2018-01&to=2018-02&by=procedure",
                 "/hooks/esms/report?token=hook-token-7Zq4&SMSID=x&SendStatus=5&SendSuccess=1",
                 "/hooks/kannel/inbound?token=hook-token-7Zq4&from=84912345678&to=8079&text=TANUYEN+5&id=1&at=2018"):
        yield f"GET {path}\n\n"
    yield "POST /v1/messages/8/replay\n\n"
    yield 'POST /hooks/speedsms/report?token=hook-token-7Zq4\napplication/json\n{"type":"report","tranId":1,"status":0}'


def raw_http():
    for request in requests():
        target, kind, body = request.split("\n", 2)
        head = f"{target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\n"
        if body:
            head += f"Content-Type: {kind}\r\nContent-Length: {len(body.encode())}\r\n"
        yield head + "\r\n" + body
    yield "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nHEAD /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    yield "POST /v1/dossier-events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\nTransfer-Encoding: chunked\r\n" \
          "\r\n2\r\n{}\r\n0\r\n\r\n"
    yield "GET /v1/dossiers/a%2Fb HTTP/1.0\r\nAuthorization: Bearer k\r\nExpect: 100-continue\r\n\r\n"


def values():
    for letter in "abcdefghijkl":
        yield letter + "\n".join(["1.500.000", "UBND phường Uyên Hưng", "000.25.15.H09-180103-0001",
                                  "16:30 05/01/2018", "sổ hộ khẩu và giấy chứng minh nhân dân", "16:30 09/01/2018",
                                  "UBND TX Tân Uyên", "Đăng ký khai sinh", "thiếu ảnh", "T123"])


SEEDS = {"reading": replies, "phone": phones, "sms": texts, "times": times, "toml": files, "csv_import": sample_rows,
         "event_json": events, "national_json": national, "api": requests, "http": raw_http, "compose": values}


def main() -> int:
    out = pathlib.Path(sys.argv[1])
    for target, seeds in SEEDS.items():
        folder = out / target
        folder.mkdir(parents=True, exist_ok=True)
        for seed in seeds():
            content = seed.encode()
            (folder / hashlib.sha1(content).hexdigest()).write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
