-- consent_record: user $1 agrees to version $2, read in language $3, by way of $4; a second time changes nothing
INSERT INTO policy_consent (user_id, version, language, how)
VALUES ($1::bigint, $2, $3, $4)
    ON CONFLICT (user_id, version) DO NOTHING
RETURNING user_id
