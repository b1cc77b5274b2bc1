"""Does the demonstration's mail server take mails on every Python that we promise?"""

import smtplib
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest

from shared.local.mailbox import mailbox


@pytest.mark.loopback
def test_a_mail_is_taken_and_its_link_found():
    with mailbox() as box:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "kesu@example.org", "fang@example.org", "Ihre Meldung"
        mail.set_content("Here it is: http://127.0.0.1:8004/s/abc and that is all.")
        at = urlsplit(box.url)
        with smtplib.SMTP(at.hostname, at.port, timeout=10) as client:
            client.send_message(mail)

    (taken,) = box.mails
    assert (taken.to, taken.subject) == ("fang@example.org", "Ihre Meldung")
    assert taken.link("/s/") == "http://127.0.0.1:8004/s/abc"
