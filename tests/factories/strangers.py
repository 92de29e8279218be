"""Tables from trades that the builder's words were not made for: a hospital, a school, machines, hotels and the like.

Their columns are named in English, in Slovenian and in abbreviations.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

FIRST_DAY: Final = date(2024, 9, 1)
DAYS: Final = 812
ROWS: Final = 1_800
NAMES: Final = {
    "hospital": "Hospital admissions",
    "school": "Ocene dijakov",
    "machines": "Machine log",
    "hotel": "Hotel bookings",
    "fleet": "Vozni park 2026",
    "calls": "cc_log",
}
_WARDS = ("Cardiology", "Orthopaedics", "Paediatrics", "Maternity", "Oncology", "Emergency", "Neurology")
_DIAGNOSES = ("Heart failure", "Fracture", "Pneumonia", "Stroke", "Tumour", "Birth", "Asthma")
_DOCTORS = ("Dr Novak", "Dr Patel", "Dr Schmidt", "Dr Rossi", "Dr Kim")
_CLASSES = ("1.A", "1.B", "2.A", "2.B", "3.A", "4.A")
_SUBJECTS = ("matematika", "slovenščina", "angleščina", "fizika", "kemija", "zgodovina", "športna vzgoja")
_TEACHERS = ("Kovač", "Zupan", "Horvat", "Krajnc", "Mlakar")
_TOWNS = ("Kranj", "Škofja Loka", "Tržič", "Jesenice", "Radovljica")
_ALARMS = ("", "", "", "E10", "E22", "E31")


def _day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number * 7 % DAYS)


def hospital_csv() -> bytes:
    """Return admissions to a hospital, named in English."""
    lines = [
        (
            "admission_id,admitted_on,discharged_on,ward,diagnosis_group,attending_doctor,patient_age,gender,"
            "insurance_type,arrival_mode,length_of_stay_days,treatment_cost,readmitted_within_30d,waiting_minutes"
        )
    ]
    for number in range(ROWS):
        stay = 1 + number * 13 % 11
        lines.append(
            f"A{number:06},{_day(number)},{_day(number) + timedelta(days=stay)},{_WARDS[number * 3 % 7]},"
            f"{_DIAGNOSES[number * 5 % 11 % 7]},{_DOCTORS[number * 7 % 13 % 5]},{number * 37 % 95},"
            f"{('female', 'male')[number * 11 % 5 % 2]},{('public', 'private', 'self-pay')[number % 7 % 3]},"
            f"{('ambulance', 'walk-in', 'referral')[number * 5 % 8 % 3]},{stay},{stay * 310 + number * 7 % 100}.5,"
            f"{'true' if number % 9 == 0 else 'false'},{1 + number * 17 % 299}"
        )
    return "\n".join(lines).encode()


def school_csv() -> bytes:
    """Return the marks of a school, named in Slovenian, as a spreadsheet writes them there."""
    lines = [
        (
            "datum ocene;šolsko leto;razred;predmet;učitelj;dijak;spol;kraj bivanja;ocena;število izostankov;"
            "neopravičene ure;dosežene točke;vrsta preverjanja;popravni izpit"
        )
    ]
    for number in range(ROWS):
        day = _day(number)
        year = day.year if day.month >= FIRST_DAY.month else day.year - 1
        lines.append(
            f"{day:%d.%m.%Y};{year}/{year + 1};{_CLASSES[number * 5 % 6]};{_SUBJECTS[number * 3 % 11 % 7]};"
            f"{_TEACHERS[number * 7 % 13 % 5]};Dijak {number * 11 % 180:03};{('ženski', 'moški')[number % 5 % 2]};"
            f"{_TOWNS[number * 3 % 7 % 5]};{1 + number * 7 % 11 % 5};{number * 5 % 12};{number % 5};"
            f"{10 + number * 37 % 90},{number % 10};{('ustno', 'pisno', 'seminarska naloga')[number % 4 % 3]};"
            f"{'da' if number % 6 == 0 else 'ne'}"
        )
    return "\n".join(lines).encode()


def machines_csv() -> bytes:
    """Return half-hourly readings of machines, named in abbreviations."""
    lines = ["ts,mch_id,ln_cd,shft,op_nm,tmp_c,vib_mms,prs_bar,rpm,qty_ok,qty_scrap,dwn_min,enrg_kwh,alrm_cd,st"]
    for number in range(ROWS):
        at = f"{datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=number * 3):%Y-%m-%d %H:%M:%S}"
        lines.append(
            f"{at},M0{1 + number % 6},L{1 + number * 5 % 7 % 3},{('early', 'late', 'night')[number % 3]},"
            f"{('Ana', 'Bojan', 'Cveto', 'Darja')[number * 3 % 7 % 4]},{50 + number * 7 % 300 / 10},"
            f"{number * 11 % 600 / 100},{5 + number * 13 % 200 / 100},"
            f"{800 + number * 17 % 2200},{20 + number * 7 % 180},"
            f"{number * 5 % 12},{(0, 0, 0, 0, 5, 12, 30)[number % 7]},{2 + number * 29 % 2800 / 100},"
            f"{_ALARMS[number * 5 % 11 % 6]},{('run', 'run', 'run', 'idle', 'stop')[number % 5]}"
        )
    return "\n".join(lines).encode()


def hotel_csv() -> bytes:
    """Return bookings of hotels, named in English, with the currency in the names."""
    lines = [
        (
            "booking_ref,booked_on,check_in,room_type,hotel_name,guest_country,booking_channel,nights,adults,children,"
            "room_rate_eur,total_paid_eur,breakfast_included,cancelled,guest_score"
        )
    ]
    for number in range(ROWS):
        nights, rate = 1 + number * 5 % 8, (79, 99, 129, 189)[number * 3 % 7 % 4]
        lines.append(
            f"B{number:05},{_day(number)},{_day(number) + timedelta(days=number % 60)},"
            f"{('single', 'double', 'suite', 'family')[number * 5 % 9 % 4]},"
            f"{('Hotel Bled', 'Hotel Piran', 'Hotel Bovec')[number % 7 % 3]},"
            f"{('Slovenia', 'Germany', 'Italy', 'United Kingdom', 'Austria')[number * 3 % 11 % 5]},"
            f"{('direct', 'Booking.com', 'agency')[number * 7 % 8 % 3]},{nights},{1 + number % 3},{number * 5 % 3},"
            f"{rate},{rate * nights},{'true' if number % 5 > 1 else 'false'},{'true' if number % 7 == 0 else 'false'},"
            f"{6 + number * 3 % 5 if number % 4 else ''}"
        )
    return "\n".join(lines).encode()


def fleet_csv() -> bytes:
    """Return trips of lorries, named in Slovenian, with units in the names."""
    lines = [
        (
            "datum vožnje;registrska številka;voznik;znamka vozila;vrsta goriva;začetni kraj;ciljni kraj;"
            "prevoženi kilometri;porabljeno gorivo (l);strošek goriva (EUR);cestnine (EUR);zamuda v minutah;"
            "teža tovora (kg);okvara"
        )
    ]
    for number in range(ROWS):
        km = 20 + number * 37 % 880
        lines.append(
            f"{_day(number):%d.%m.%Y};{('LJ AB-123', 'MB KC-456', 'KR XY-789', 'CE TT-321')[number * 3 % 7 % 4]};"
            f"{('Janez Novak', 'Miha Kos', 'Petra Zajc', 'Luka Golob')[number * 5 % 9 % 4]};"
            f"{('Volvo', 'MAN', 'Scania', 'Iveco')[number * 3 % 7 % 4]};"
            f"{('dizel', 'bencin', 'elektrika')[number % 5 % 3]};"
            f"{('Ljubljana', 'Koper', 'Maribor', 'Celje')[number * 7 % 11 % 4]};"
            f"{('Dunaj', 'Zagreb', 'Milano', 'München', 'Gradec')[number * 3 % 13 % 5]};"
            f"{km};{km * 3 // 10},{number % 10};"
            f"{km * 45 // 100},{number % 100:02};{number * 7 % 120},50;{(0, 0, 0, 5, 15, 45, 90)[number % 7]};"
            f"{100 + number * 97 % 19_900};{'da' if number % 4 == 0 else 'ne'}"
        )
    return "\n".join(lines).encode()


def calls_csv() -> bytes:
    """Return calls to a contact centre, named in its own jargon."""
    lines = ["call_ts,agt_id,tm_nm,q_nm,cust_sgmt,ctry_cd,wt_sec,hndl_sec,xfer_cnt,res_flg,csat,rsn_cd,lang"]
    for number in range(ROWS):
        at = f"{datetime(2026, 4, 1, tzinfo=UTC) + timedelta(minutes=number * 190):%Y-%m-%d %H:%M:%S}"
        lines.append(
            f"{at},A{1 + number * 3 % 7 % 5},{('Red', 'Blue', 'Green')[number * 5 % 8 % 3]},"
            f"{('billing', 'tech', 'sales')[number * 3 % 7 % 3]},{('gold', 'silver', 'basic')[number % 5 % 3]},"
            f"{('SI', 'DE', 'AT', 'IT')[number * 5 % 9 % 4]},{number * 17 % 600},{30 + number * 37 % 1470},"
            f"{(0, 0, 0, 1, 2)[number % 5]},{'true' if number % 5 else 'false'},"
            f"{1 + number * 3 % 5 if number % 4 else ''},"
            f"{('INV', 'PWD', 'DLV', 'OTH')[number * 7 % 9 % 4]},{('sl', 'de', 'en')[number % 7 % 3]}"
        )
    return "\n".join(lines).encode()


CONTENTS: Final = {
    "hospital": hospital_csv,
    "school": school_csv,
    "machines": machines_csv,
    "hotel": hotel_csv,
    "fleet": fleet_csv,
    "calls": calls_csv,
}
