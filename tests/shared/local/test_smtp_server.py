"""Does the tests' mail server keep, refuse and delay as told?"""

import smtplib
from email.message import EmailMessage

import pytest


def a_mail(subject: str = "投诉 42", text: str = "Please look at it.") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "kesu@example.org", "desk@example.org", subject
    mail.set_content(text)
    return mail


def test_mail_is_kept_as_it_was_sent(smtp):
    with smtplib.SMTP(smtp.host, smtp.port, timeout=5) as client:
        client.send_message(a_mail())

    (mail,) = smtp.mails
    assert (mail.sender, mail.recipients) == ("kesu@example.org", ("desk@example.org",))
    assert mail.subject == "投诉 42"
    assert mail.text.strip() == "Please look at it."


def test_mail_is_refused_as_often_as_told(smtp):
    smtp.refuse("451 4.3.0 try again later", times=1)

    with smtplib.SMTP(smtp.host, smtp.port, timeout=5) as client:
        with pytest.raises(smtplib.SMTPDataError):
            client.send_message(a_mail())
        client.send_message(a_mail(subject="second"))

    assert smtp.refused == 1
    assert [mail.subject for mail in smtp.mails] == ["second"]


def test_a_slow_server_outlasts_an_impatient_client(smtp):
    smtp.answer_after(2)

    with pytest.raises((TimeoutError, smtplib.SMTPException)):
        smtplib.SMTP(smtp.host, smtp.port, timeout=0.2).send_message(a_mail())


def test_a_server_that_is_away_refuses_the_connection(smtp):
    smtp.stop()

    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP(smtp.host, smtp.port, timeout=1)
