import logging

from zoo.data.pictures.room import check_room_for


def test_what_fits_is_told_of_where_it_is_much(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("zoo.utils.disk.free_disk", lambda folder: 10**12)
    with caplog.at_level(logging.INFO):
        check_room_for(100, (64, 64), tmp_path)
        assert not caplog.records
        check_room_for(682, (5000, 5000), tmp_path)
    assert "51.1 GB" in caplog.text


def test_smaller_pictures_are_advised_where_these_are_large(tmp_path, refused, monkeypatch):
    monkeypatch.setattr("zoo.utils.disk.free_disk", lambda folder: 1000)
    with refused("682 decoded images of 5000x5000", "51.1 GB", "--image-size 256", "--out"):
        check_room_for(682, (5000, 5000), tmp_path)
    with refused("decoded images of 256x256", "--out") as error:
        check_room_for(682, (256, 256), tmp_path)
    assert "--image-size" not in str(error.value)
